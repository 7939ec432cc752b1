// The version of this build, set by CMake.
#ifndef FUNCTION_BASE_VERSION_H_
#define FUNCTION_BASE_VERSION_H_

namespace base {

const char* Version();  // "0.1.0"

// This project's own image at this version: what a gate's Job runs where the Input names no other.
const char* Image();

}  // namespace base

#endif  // FUNCTION_BASE_VERSION_H_
