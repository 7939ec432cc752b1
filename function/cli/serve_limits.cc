#include "function/cli/serve_limits.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "function/base/status_macros.h"

namespace cli {
namespace {

// A protobuf message cannot be longer than an int says.
constexpr int kMaxMessageMegabytes = 2047;
constexpr int kMaxMemoryMegabytes = 65536;
// What it takes itself, with room for small requests; and as many of the largest ones at a time as honest
// callers may have under way without one of them being taken for an attacker.
constexpr int kOwnMegabytes = 64;
constexpr int kMessagesInMemory = 4;
constexpr int kMaxConnections = 65536;
constexpr int kMaxStreams = 65536;
// gRPC counts milliseconds in an int.
constexpr absl::Duration kMaxDuration = absl::Hours(24);
constexpr absl::Duration kMinDuration = absl::Milliseconds(100);

absl::Status CheckNumber(absl::string_view flag, int value, int min, int max, absl::string_view what) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": ", value, " is not a number of ", what, " from ", min, " to ", max));
}

absl::StatusOr<absl::Duration> ParseLimit(absl::string_view flag, const std::string& text) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration >= kMinDuration && duration <= kMaxDuration) {
    return duration;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      flag, ": \"", absl::CHexEscape(text), "\" is no duration from ", absl::FormatDuration(kMinDuration),
      " to ", absl::FormatDuration(kMaxDuration), ", as 10s or 1h30m"));
}

}  // namespace

void AddLimits(CLI::App& app, LimitOptions& options) {
  app.add_option("--max-recv-message-size", options.max_recv_message_size, "Largest request, in MB")
      ->type_name("MB")
      ->capture_default_str();
  app.add_option("--max-memory", options.max_memory,
                 "What it may hold in memory, in MB; beyond it the connection that sends most is ended")
      ->type_name("MB")
      ->capture_default_str();
  app.add_option("--max-connections", options.max_connections,
                 "Connections at a time; further ones are closed at once")
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--max-concurrent-streams", options.max_concurrent_streams,
                 "Calls at a time on one connection; further ones wait at the client")
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_option("--handshake-timeout", options.handshake_timeout,
                 "How long a new connection may take to show its certificate and begin to speak")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_option("--max-connection-age", options.max_connection_age,
                 "After which a client is told to take another connection")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_option("--call-timeout", options.call_timeout,
                 "How long a call may outlive its connection's age; then it is cut off")
      ->type_name("DURATION")
      ->capture_default_str();
}

absl::StatusOr<runner::Limits> CheckLimits(const LimitOptions& options) {
  RETURN_IF_ERROR(
      CheckNumber("--max-recv-message-size", options.max_recv_message_size, 1, kMaxMessageMegabytes, "MB"));
  const int least_memory = kOwnMegabytes + kMessagesInMemory * options.max_recv_message_size;
  RETURN_IF_ERROR(CheckNumber(
      "--max-memory", options.max_memory, least_memory, kMaxMemoryMegabytes,
      absl::StrCat("MB (", kOwnMegabytes, ", and ", kMessagesInMemory, " of --max-recv-message-size)")));
  RETURN_IF_ERROR(
      CheckNumber("--max-connections", options.max_connections, 1, kMaxConnections, "connections"));
  RETURN_IF_ERROR(
      CheckNumber("--max-concurrent-streams", options.max_concurrent_streams, 1, kMaxStreams, "calls"));
  runner::Limits limits;
  limits.max_recv_message_bytes = options.max_recv_message_size * 1024 * 1024;
  limits.max_memory_bytes = std::int64_t{options.max_memory} * 1024 * 1024;
  limits.max_connections = options.max_connections;
  limits.max_concurrent_streams = options.max_concurrent_streams;
  ASSIGN_OR_RETURN(limits.handshake_timeout, ParseLimit("--handshake-timeout", options.handshake_timeout));
  ASSIGN_OR_RETURN(limits.max_connection_age, ParseLimit("--max-connection-age", options.max_connection_age));
  ASSIGN_OR_RETURN(limits.call_timeout, ParseLimit("--call-timeout", options.call_timeout));
  return limits;
}

absl::Status LimitFileDescriptors(int max_connections) {
  const rlim_t needed = static_cast<rlim_t>(max_connections) + runner::kOtherFileDescriptors;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return absl::InternalError(absl::StrCat("--max-connections: cannot be kept: ", std::strerror(errno)));
  }
  if (limit.rlim_max < needed) {
    return absl::FailedPreconditionError(absl::StrCat("--max-connections: ", max_connections, " take ",
                                                      needed, " file descriptors, and this process may have ",
                                                      limit.rlim_max,
                                                      ": lower it, or raise that (ulimit -n)"));
  }
  limit.rlim_cur = needed;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return absl::InternalError(absl::StrCat("--max-connections: cannot be kept: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace cli
