// The flags of `serve` that bound what callers can make it hold.
#ifndef FUNCTION_CLI_SERVE_LIMITS_H_
#define FUNCTION_CLI_SERVE_LIMITS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "function/runner/limits.h"

namespace cli {

// As given.
struct LimitOptions {
  int max_recv_message_size = 4;  // MB (1,048,576 bytes)
  int max_memory = 192;           // MB
  int max_connections = 256;
  int max_concurrent_streams = 128;
  // Durations, as 10s or 1h30m.
  std::string handshake_timeout = "10s";
  std::string max_connection_age = "30m";
  std::string call_timeout = "30s";
};

void AddLimits(CLI::App& app, LimitOptions& options);

// Error: InvalidArgument, led by the flag.
absl::StatusOr<runner::Limits> CheckLimits(const LimitOptions& options);

// Sets the number of file descriptors that this process may have to what so many connections take, so that
// nobody can make it hold more. Error, led by the flag: it may not have that many.
absl::Status LimitFileDescriptors(int max_connections);

}  // namespace cli

#endif  // FUNCTION_CLI_SERVE_LIMITS_H_
