// google.protobuf.Struct bytes ↔ JSON.
#ifndef FUNCTION_CODEC_STRUCT_JSON_H_
#define FUNCTION_CODEC_STRUCT_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/base/json.h"
#include "function/codec/struct_view.h"

namespace codec {

// JSON object → Struct bytes. Numbers become doubles.
std::string EncodeStruct(const base::Json& object);

// Appends them to `out`, which may have fields already.
void AppendStruct(std::string& out, const base::Json& object);

// Struct bytes → JSON, but for the field `except`. Integral numbers become integers. Refuses what is nested
// deeper than 100 levels.
absl::StatusOr<base::Json> DecodeStruct(absl::string_view wire, absl::string_view except = "");

}  // namespace codec

#endif  // FUNCTION_CODEC_STRUCT_JSON_H_
