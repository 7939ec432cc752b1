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

// Appends the bytes of one Struct field (key and value) to `out`.
void AppendStructField(std::string& out, absl::string_view key, const base::Json& value);

// Struct bytes → JSON, but for the field `except`. Integral numbers become integers. Refuses what is nested
// deeper than 100 levels.
absl::StatusOr<base::Json> DecodeStruct(absl::string_view wire, absl::string_view except = "");

}  // namespace codec

#endif  // FUNCTION_CODEC_STRUCT_JSON_H_
