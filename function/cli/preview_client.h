// A running function as a FunctionCaller.
#ifndef FUNCTION_CLI_PREVIEW_CLIENT_H_
#define FUNCTION_CLI_PREVIEW_CLIENT_H_

#include <string>

#include "function/cli/preview_render.h"

namespace cli {

// Calls the function at `address` ("localhost:9443") over gRPC without TLS, as `crossplane render` does. It
// waits 10 seconds for an answer. Error: the flag --server and what went wrong.
FunctionCaller ServerCaller(const std::string& address);

}  // namespace cli

#endif  // FUNCTION_CLI_PREVIEW_CLIENT_H_
