// The JSON value of manifests and documents: objects are sorted by key, so that the same content always
// prints the same.
#ifndef FUNCTION_BASE_JSON_H_
#define FUNCTION_BASE_JSON_H_

#include <nlohmann/json.hpp>
#include <string>

// Compiled once, in json.cc.
extern template class nlohmann::basic_json<>;

namespace base {

using Json = nlohmann::json;

// Canonical JSON (RFC 8785) of a value whose keys are ASCII and whose numbers are integers. Bytes that are
// not UTF-8 become U+FFFD, so that this never fails.
inline std::string CanonicalJson(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace base

#endif  // FUNCTION_BASE_JSON_H_
