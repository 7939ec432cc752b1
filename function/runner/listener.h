// Accepts connections and hands them on, at most so many at a time.
//
// gRPC's own listener (1.51) stops for good at the first error that accept() has, such as too many open
// files, and knows no limit. This one waits and goes on.
#ifndef FUNCTION_RUNNER_LISTENER_H_
#define FUNCTION_RUNNER_LISTENER_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/runner/metrics.h"

namespace runner {

// Which of the connections that were accepted are still open: whoever has them closes them without a word.
class OpenConnections {
 public:
  explicit OpenConnections(std::size_t max) : max_(max) {}

  // Whether there is room for this one, which counts from then on.
  bool Add(int fd);

 private:
  struct Connection {
    int fd;
    ino_t inode;  // another socket under the same number has another one
  };
  void ForgetClosed();

  const std::size_t max_;
  std::vector<Connection> connections_;
};

class Listener {
 public:
  // Takes the file descriptor over, and closes it.
  using Accepted = std::function<void(int fd)>;

  // Accepts from `listening_fd` (non-blocking), which it owns from then on, on a thread of its own. Beyond
  // `max_connections` new ones are closed at once. `metrics` (refused connections) must outlive it.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(int listening_fd, int max_connections,
                                                         Metrics* metrics, Accepted accepted);
  // Like Stop, if that was not called.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // When it returns, nothing listens on the port any more, and `accepted` is not called again.
  void Stop();

 private:
  Listener(int listening_fd, int stop_fd, int max_connections, Metrics& metrics, Accepted accepted);
  void Run();
  void AcceptAll();
  void Take(int fd);
  // Whether it was told to stop meanwhile.
  bool WaitForConnection();
  bool Pause();
  void Log(absl::string_view message, absl::string_view error);

  const int listening_fd_;
  const int stop_fd_;
  const Accepted accepted_;
  OpenConnections open_;
  Counter& refused_;
  bool out_of_resources_ = false;
  std::optional<std::chrono::steady_clock::time_point> last_logged_;
  std::thread thread_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_LISTENER_H_
