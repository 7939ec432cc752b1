// Accepts connections and hands them on, at most so many at a time, and ends the greediest one where the
// memory runs out.
//
// gRPC's own listener (1.51) stops for good at the first error that accept() has, such as too many open
// files, and knows no limit. This one waits and goes on.
#ifndef FUNCTION_RUNNER_LISTENER_H_
#define FUNCTION_RUNNER_LISTENER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/runner/connections.h"
#include "function/runner/limits.h"
#include "function/runner/log_limit.h"
#include "function/runner/memory.h"
#include "function/runner/metrics.h"

namespace runner {

class Listener {
 public:
  // Takes the file descriptor over, and closes it.
  using Accepted = std::function<void(int fd)>;

  // Accepts from `listening_fd` (non-blocking), which it owns from then on, on a thread of its own. Beyond
  // limits.max_connections new ones are closed at once; beyond limits.max_memory_bytes the one that has sent
  // most lately is ended. `metrics` (refused and ended connections) must outlive it.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(int listening_fd, const Limits& limits,
                                                         Metrics* metrics, Accepted accepted);
  // Like Stop, if that was not called.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // When it returns, nothing listens on the port any more, and `accepted` is not called again.
  void Stop();

 private:
  Listener(int listening_fd, int stop_fd, const Limits& limits, Metrics& metrics, Accepted accepted);
  void Run();
  // Whether it was told to stop meanwhile.
  bool Wait();
  void AcceptAll();
  void Take(int fd);
  void KeepMemoryInBounds();
  void ReturnMemory(std::chrono::steady_clock::time_point now, std::int64_t resident);
  void Log(absl::string_view message, absl::string_view error);

  const int listening_fd_;
  const int stop_fd_;
  const std::int64_t max_memory_bytes_;
  const Accepted accepted_;
  Connections connections_;
  const MemoryMeter memory_;
  Counter& refused_;
  Counter& ended_;
  LogLimit log_limit_;
  // Of what accept() takes: file descriptors, memory.
  bool out_of_resources_ = false;
  std::chrono::steady_clock::time_point last_look_;
  std::int64_t last_allocated_ = 0;  // at the last look, where it was over the limit; else 0
  std::chrono::steady_clock::time_point last_return_;
  bool received_ = false;  // something, since memory was returned
  std::thread thread_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_LISTENER_H_
