// Lets gRPC's threads rest that are not needed.
//
// gRPC answers callbacks in at least two threads (half as many as there are processors,
// src/cpp/common/completion_queue_cc.cc of gRPC 1.51). One of them waits for the network, and whenever
// something arrives it first wakes the next one, which then waits in its place. While one call comes after
// the other, nobody needs that: it is three changes of threads a call, with what the caches knew.
#ifndef FUNCTION_RUNNER_SPARE_THREADS_H_
#define FUNCTION_RUNNER_SPARE_THREADS_H_

#include <atomic>
#include <cstdint>

#include "absl/synchronization/mutex.h"

namespace runner {

// Thread-safe. Several may be in a process: the threads are the process's.
class SpareThreads {
 public:
  // A thread that did not have to wait for so many calls is busy: others wait for it.
  static constexpr int kCallsWithoutWait = 16;

  SpareThreads() = default;
  // Nobody may be resting: see Close.
  ~SpareThreads() = default;
  SpareThreads(const SpareThreads&) = delete;
  SpareThreads& operator=(const SpareThreads&) = delete;

  // Around each call, in the thread that answers it. All get up where two calls are answered at a time, or
  // calls come as fast as a thread can answer them.
  void CallBegins();
  void CallEnds();

  // Called by one of gRPC's threads: it rests until it is needed. Returns at once where it is, and in the
  // last one that does not rest.
  void Rest();

  // To be called some times a second. All get up where the same calls are being answered as at the last time.
  void Watch();
  // To be called less often: from now on threads may rest, if all were needed for nothing since the last
  // time.
  void Settle();
  // All get up.
  void Wake();
  // All get up, and rest no more. Returns when they have got up.
  void Close();

  int resting() const { return resting_.load(std::memory_order_relaxed); }

 private:
  void Need();

  std::atomic<int> running_{0};
  std::atomic<std::int64_t> begun_{0};
  std::atomic<bool> was_needed_{false};
  std::atomic<int> resting_{0};
  std::int64_t begun_at_last_watch_ = 0;
  // Guarded by the mutex of the process's threads.
  bool is_needed_ = true;  // until it settles, and for good once it is closed
  bool is_closed_ = false;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_SPARE_THREADS_H_
