// The JSON value of manifests and documents: objects are sorted by key, so that the same content always
// prints the same.
#ifndef FUNCTION_BASE_JSON_H_
#define FUNCTION_BASE_JSON_H_

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"

// Compiled once, in json.cc.
extern template class nlohmann::basic_json<>;

namespace base {

using Json = nlohmann::json;

// Canonical JSON (RFC 8785) of a value whose keys are ASCII and whose numbers are integers. Bytes that are
// not UTF-8 become U+FFFD, so that this never fails.
inline std::string CanonicalJson(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

// JSON that anybody may have written: discarded where it is malformed, or nested deeper than a thousand
// levels, of which each takes a hundred bytes for its one.
Json ParseJson(absl::string_view text);

// A field of an object that is being made.
struct JsonField {
  absl::string_view key;
  mutable Json value;  // moved out of a list of fields, which is constant
};

// {{"name", value}, …} as an object, always. Json's own braces do as well where they are not on the way of a
// call: they make a list of each pair before they see that it is one.
Json JsonObject(std::initializer_list<JsonField> fields);

// CanonicalJson of a string, quoted.
std::string CanonicalJsonString(absl::string_view text);

}  // namespace base

#endif  // FUNCTION_BASE_JSON_H_
