// SHA-256 and HMAC-SHA-256 as lower-case hex (OpenSSL does the work).
#ifndef FUNCTION_BASE_SHA256_H_
#define FUNCTION_BASE_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace base {

std::string Sha256Hex(absl::string_view data);
std::string HmacSha256Hex(absl::string_view key, absl::string_view data);

}  // namespace base

#endif  // FUNCTION_BASE_SHA256_H_
