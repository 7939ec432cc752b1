#include "function/runner/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "function/base/log.h"

namespace runner {
namespace {

// How long it waits where the machine or the process is out of something.
constexpr int kPauseMilliseconds = 100;

// Strangers must not be able to fill the log.
constexpr std::chrono::seconds kQuiet(10);

// After which a connection whose other end does not acknowledge what it was sent is given up.
constexpr unsigned kUnacknowledgedMilliseconds = 30'000;

std::optional<ino_t> Inode(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return std::nullopt;
  return status.st_ino;
}

// Errors of accept(2) that are about the connection that it would have returned.
bool IsAboutOne(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPERM:
    case EPROTO:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
      return true;
    default:
      return false;
  }
}

// As gRPC sets up those that it accepts itself.
void SetUp(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMilliseconds,
             sizeof kUnacknowledgedMilliseconds);
}

}  // namespace

bool OpenConnections::Add(int fd) {
  if (connections_.size() >= max_) ForgetClosed();
  const std::optional<ino_t> inode = Inode(fd);
  if (connections_.size() >= max_ || !inode) return false;
  connections_.push_back({fd, *inode});
  return true;
}

void OpenConnections::ForgetClosed() {
  const auto is_closed = [](const Connection& connection) {
    return Inode(connection.fd) != connection.inode;
  };
  connections_.erase(std::remove_if(connections_.begin(), connections_.end(), is_closed), connections_.end());
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(int listening_fd, int max_connections,
                                                          Metrics* metrics, Accepted accepted) {
  const int stop_fd = eventfd(0, EFD_CLOEXEC);
  if (stop_fd < 0) {
    const int error = errno;
    close(listening_fd);
    return absl::UnavailableError(
        absl::StrCat("--address: cannot accept connections: ", std::strerror(error)));
  }
  return std::unique_ptr<Listener>(
      new Listener(listening_fd, stop_fd, max_connections, *metrics, std::move(accepted)));
}

Listener::Listener(int listening_fd, int stop_fd, int max_connections, Metrics& metrics, Accepted accepted)
    : listening_fd_(listening_fd),
      stop_fd_(stop_fd),
      accepted_(std::move(accepted)),
      open_(static_cast<std::size_t>(max_connections)),
      refused_(metrics.GetCounter("function_release_pipeline_refused_connections_total",
                                  "Connections that were closed at once: there were too many.")),
      thread_([this] { Run(); }) {}

Listener::~Listener() { Stop(); }

void Listener::Stop() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  while (write(stop_fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
  thread_.join();
  close(stop_fd_);
  close(listening_fd_);
}

void Listener::Run() {
  while (!WaitForConnection()) {
    AcceptAll();
    if (out_of_resources_ && Pause()) return;
  }
}

bool Listener::WaitForConnection() {
  pollfd fds[] = {{stop_fd_, POLLIN, 0}, {listening_fd_, POLLIN, 0}};
  while (poll(fds, 2, -1) < 0 && errno == EINTR) {
  }
  return fds[0].revents != 0;
}

bool Listener::Pause() {
  pollfd stop = {stop_fd_, POLLIN, 0};
  return poll(&stop, 1, kPauseMilliseconds) > 0;
}

void Listener::AcceptAll() {
  out_of_resources_ = false;
  while (true) {
    const int fd = accept4(listening_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      Take(fd);
      continue;
    }
    const int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK) return;
    if (IsAboutOne(error)) continue;
    Log("cannot accept connections for now", std::strerror(error));
    out_of_resources_ = true;
    return;
  }
}

void Listener::Take(int fd) {
  if (open_.Add(fd)) {
    SetUp(fd);
    accepted_(fd);
    return;
  }
  close(fd);
  refused_.Increment();
  Log("refused a connection", "there are as many as --max-connections allows");
}

void Listener::Log(absl::string_view message, absl::string_view error) {
  const auto now = std::chrono::steady_clock::now();
  if (last_logged_ && now - *last_logged_ < kQuiet) return;
  last_logged_ = now;
  base::Log(base::LogLevel::kWarn, message, {{"error", std::string(error)}});
}

}  // namespace runner
