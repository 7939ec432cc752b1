#include "function/runner/connections.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

namespace runner {
namespace {

// Of what was sent, this much still counts at the next look.
constexpr double kRemembered = 0.996;

std::optional<ino_t> Inode(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return std::nullopt;
  return status.st_ino;
}

std::uint64_t BytesReceived(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_received : 0;
}

}  // namespace

bool Connections::IsOpen(const Connection& connection) { return Inode(connection.fd) == connection.inode; }

bool Connections::Add(int fd) {
  if (connections_.size() >= max_) ForgetClosed();
  const std::optional<ino_t> inode = Inode(fd);
  if (connections_.size() >= max_ || !inode) return false;
  connections_.push_back({fd, *inode});
  return true;
}

void Connections::ForgetClosed() {
  const auto is_closed = [](const Connection& connection) { return !IsOpen(connection); };
  connections_.erase(std::remove_if(connections_.begin(), connections_.end(), is_closed), connections_.end());
}

std::uint64_t Connections::Measure() {
  ForgetClosed();
  std::uint64_t sum = 0;
  for (Connection& connection : connections_) {
    const std::uint64_t received = BytesReceived(connection.fd);
    const std::uint64_t more = received > connection.received ? received - connection.received : 0;
    connection.lately = connection.lately * kRemembered + static_cast<double>(more);
    connection.received = received;
    sum += more;
  }
  return sum;
}

bool Connections::EndGreediest() {
  ForgetClosed();
  const auto greediest =
      std::max_element(connections_.begin(), connections_.end(),
                       [](const Connection& a, const Connection& b) { return a.lately < b.lately; });
  if (greediest == connections_.end()) return false;
  shutdown(greediest->fd, SHUT_RDWR);
  // Closed soon, and not to be chosen twice.
  greediest->lately = 0;
  return true;
}

}  // namespace runner
