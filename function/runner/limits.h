// What callers can make the server hold: messages, calls, connections and time.
#ifndef FUNCTION_RUNNER_LIMITS_H_
#define FUNCTION_RUNNER_LIMITS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace runner {

struct Limits {
  // A larger request is refused with RESOURCE_EXHAUSTED. gRPC (1.51) takes all of it in before it does so.
  int max_recv_message_bytes = 4 * 1024 * 1024;
  // Further connections are closed at once. Without TLS, or before its handshake, anybody can have them.
  int max_connections = 256;
  // Calls at a time on one connection. Further ones wait at the client.
  int max_concurrent_streams = 128;
  // Where more is allocated, the connection that has sent most lately is ended, until there is less.
  std::int64_t max_memory_bytes = 192 * 1024 * 1024;
  // From the connection to the end of its TLS and HTTP/2 handshakes.
  absl::Duration handshake_timeout = absl::Seconds(10);
  // After which a client is told to take another connection (which spreads the clients over new replicas,
  // too).
  absl::Duration max_connection_age = absl::Minutes(30);
  // How long a call may go on on a connection that has reached its age; what is left is cut off.
  absl::Duration call_timeout = absl::Seconds(30);
};

// File descriptors for all that is no connection: gRPC's own, the certificates, the metrics and their
// clients.
inline constexpr int kOtherFileDescriptors = 128;

}  // namespace runner

#endif  // FUNCTION_RUNNER_LIMITS_H_
