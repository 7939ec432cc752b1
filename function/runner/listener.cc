#include "function/runner/listener.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

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

// How often it looks at the memory, and how long it waits where the machine or the process is out of
// something.
constexpr std::chrono::milliseconds kTick(20);

constexpr std::chrono::seconds kQuiet(10);

// How often, while calls come in, what was freed goes back to the system, where more than this is held: large
// requests leave pieces that glibc keeps for good. Small ones never get there.
constexpr std::chrono::seconds kReturn(2);
constexpr std::int64_t kKept = 32 * 1024 * 1024;

// After which a connection whose other end does not acknowledge what it was sent is given up.
constexpr unsigned kUnacknowledgedMilliseconds = 30'000;

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

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(int listening_fd, const Limits& limits,
                                                          Metrics* metrics, Accepted accepted) {
  const int stop_fd = eventfd(0, EFD_CLOEXEC);
  if (stop_fd < 0) {
    const int error = errno;
    close(listening_fd);
    return absl::UnavailableError(
        absl::StrCat("--address: cannot accept connections: ", std::strerror(error)));
  }
  return std::unique_ptr<Listener>(
      new Listener(listening_fd, stop_fd, limits, *metrics, std::move(accepted)));
}

Listener::Listener(int listening_fd, int stop_fd, const Limits& limits, Metrics& metrics, Accepted accepted)
    : listening_fd_(listening_fd),
      stop_fd_(stop_fd),
      max_memory_bytes_(limits.max_memory_bytes),
      accepted_(std::move(accepted)),
      connections_(static_cast<std::size_t>(limits.max_connections)),
      refused_(metrics.GetCounter("release_function_refused_connections_total",
                                  "Connections that were closed at once: there were too many.")),
      ended_(metrics.GetCounter("release_function_ended_connections_total",
                                "Connections that were ended because they had sent most as memory ran out.")),
      log_limit_(kQuiet),
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
  while (!Wait()) {
    AcceptAll();
    KeepMemoryInBounds();
  }
}

bool Listener::Wait() {
  // Out of resources, it looks again after a while, and not as soon as somebody waits.
  pollfd fds[] = {{stop_fd_, POLLIN, 0}, {listening_fd_, POLLIN, 0}};
  const nfds_t count = out_of_resources_ ? 1 : 2;
  const bool looks = out_of_resources_ || received_ || !connections_.empty();
  const int timeout = looks ? static_cast<int>(kTick.count()) : -1;
  while (poll(fds, count, timeout) < 0 && errno == EINTR) {
  }
  return fds[0].revents != 0;
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
    Log("cannot accept connections at the moment", std::strerror(error));
    out_of_resources_ = true;
    return;
  }
}

void Listener::Take(int fd) {
  if (connections_.Add(fd)) {
    SetUp(fd);
    accepted_(fd);
    return;
  }
  refused_.Increment();  // before the other end can notice
  close(fd);
  Log("refused a connection", "there are as many as --max-connections allows");
}

void Listener::KeepMemoryInBounds() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_look_ < kTick) return;
  last_look_ = now;
  received_ = connections_.Measure() > 0 || received_;
  const std::int64_t resident = memory_.Resident();
  const bool may_be_over = resident > max_memory_bytes_;
  std::int64_t allocated = may_be_over ? memory_.Allocated() : 0;
  if (allocated <= max_memory_bytes_) allocated = 0;
  // What a connection held takes a while to be freed: another one is ended only where there is not less than
  // before.
  if (allocated > 0 && allocated >= last_allocated_ && connections_.EndGreediest()) {
    ended_.Increment();
    Log("ended the connection that has sent most", "there is more in memory than --max-memory allows");
  }
  last_allocated_ = allocated;
  ReturnMemory(now, resident);
}

void Listener::ReturnMemory(std::chrono::steady_clock::time_point now, std::int64_t resident) {
  if (resident <= kKept) {
    received_ = false;
  } else if (received_ && now - last_return_ >= kReturn) {
    received_ = false;
    last_return_ = now;
    ReturnFreeMemory();
  }
}

void Listener::Log(absl::string_view message, absl::string_view error) {
  const std::optional<std::uint64_t> left_out = log_limit_.Next();
  if (!left_out) return;
  base::Log(base::LogLevel::kWarn, message, {{"error", std::string(error)}, {"lines_left_out", *left_out}});
}

}  // namespace runner
