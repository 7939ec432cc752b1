// Addresses to listen on: "host:port", "[v6]:port", or ":port" for every interface.
#ifndef FUNCTION_RUNNER_ADDRESS_H_
#define FUNCTION_RUNNER_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace runner {

struct Address {
  std::string host;  // without brackets, never empty
  int port = 0;      // 0: any free one

  friend bool operator==(const Address&, const Address&) = default;
};

// An empty host becomes `::`, which takes IPv4 too, or 0.0.0.0 where the machine has no IPv6. Error:
// InvalidArgument, led by `flag`.
absl::StatusOr<Address> ParseAddress(absl::string_view flag, absl::string_view text);
absl::StatusOr<Address> ParseAddress(absl::string_view flag, absl::string_view text, bool have_ipv6);

// "host:port", with brackets around an IPv6 host.
std::string FormatAddress(const Address& address);

// A listening, non-blocking TCP socket. A port that somebody else listens on is an error, always: no
// SO_REUSEPORT.
absl::StatusOr<int> ListenTcp(absl::string_view flag, const Address& address);
int BoundPort(int fd);

}  // namespace runner

#endif  // FUNCTION_RUNNER_ADDRESS_H_
