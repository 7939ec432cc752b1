// Text in UTF-8.
#ifndef FUNCTION_BASE_UTF8_H_
#define FUNCTION_BASE_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace base {

// Valid UTF-8, as every string of a response must be.
bool IsUtf8(absl::string_view text);

// Code points, as a CRD's maxLength counts.
size_t Characters(absl::string_view text);

}  // namespace base

#endif  // FUNCTION_BASE_UTF8_H_
