#include "function/runner/address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace runner {
namespace {

bool HaveIpv6() {
  const int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0;
  close(fd);
  return bound;
}

// Returns the errno of what failed.
int Listen(int fd, const addrinfo& address) {
  const int on = 1, off = 0;
  // Only lets a restart pass connections in TIME_WAIT; a second listener still fails.
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  return bind(fd, address.ai_addr, address.ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0 ? 0 : errno;
}

}  // namespace

absl::StatusOr<Address> ParseAddress(absl::string_view flag, absl::string_view text) {
  return ParseAddress(flag, text, HaveIpv6());
}

absl::StatusOr<Address> ParseAddress(absl::string_view flag, absl::string_view text, bool have_ipv6) {
  const auto bad = [&](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: \"%s\" %s; write host:port, [IPv6]:port or :port, e.g. :9443", flag,
                        absl::CHexEscape(text), what));
  };
  const auto colon = text.rfind(':');
  if (colon == absl::string_view::npos) return bad("has no port");
  absl::string_view host = text.substr(0, colon);
  Address address;
  const absl::string_view port = text.substr(colon + 1);
  if (port.empty() || port.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(port, &address.port) || address.port > 65535) {
    return bad("has a port that is not a number from 0 to 65535");
  }
  if (absl::ConsumePrefix(&host, "[")) {
    if (!absl::ConsumeSuffix(&host, "]") || host.empty()) return bad("has an unfinished [IPv6] host");
  } else if (host.find(':') != absl::string_view::npos) {
    return bad("has an IPv6 host without brackets");
  }
  if (host.find_first_of("[]/%@ \t\r\n") != absl::string_view::npos) return bad("has a malformed host");
  address.host = host.empty() ? (have_ipv6 ? "::" : "0.0.0.0") : std::string(host);
  return address;
}

std::string FormatAddress(const Address& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return ipv6 ? absl::StrCat("[", address.host, "]:", address.port)
              : absl::StrCat(address.host, ":", address.port);
}

absl::StatusOr<int> ListenTcp(absl::string_view flag, const Address& address) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host.c_str(), absl::StrCat(address.port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": cannot resolve \"", address.host, "\": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  int failure = EADDRNOTAVAIL;
  for (const addrinfo* candidate = found; candidate != nullptr; candidate = candidate->ai_next) {
    const int fd = socket(candidate->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
      failure = errno;
      continue;
    }
    failure = Listen(fd, *candidate);
    if (failure == 0) return fd;
    close(fd);
  }
  return absl::UnavailableError(
      absl::StrCat(flag, ": cannot listen on ", FormatAddress(address), ": ", std::strerror(failure)));
}

int BoundPort(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port);
  return ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
}

}  // namespace runner
