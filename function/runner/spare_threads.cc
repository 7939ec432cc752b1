#include "function/runner/spare_threads.h"

#include <sys/resource.h>

#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/thread_annotations.h"

namespace runner {
namespace {

// Those that have asked for rest at some time, and those that rest: of all servers in the process, which
// share them. One is never let go.
ABSL_CONST_INIT absl::Mutex mutex(absl::kConstInit);
int known ABSL_GUARDED_BY(mutex) = 0;
int resting_in_all ABSL_GUARDED_BY(mutex) = 0;

struct Known {
  Known() {
    absl::MutexLock lock(&mutex);
    ++known;
  }
  ~Known() {
    absl::MutexLock lock(&mutex);
    --known;
  }
};

// How often this thread has waited for something, be it the network (getrusage(2)).
long Waits() {
  struct rusage usage = {};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

// Looked at once in so many calls.
bool IsBusy() {
  thread_local int calls = 0;
  thread_local long waits = 0;
  if (++calls < SpareThreads::kCallsWithoutWait) return false;
  calls = 0;
  const long before = std::exchange(waits, Waits());
  return waits == before;
}

}  // namespace

void SpareThreads::CallBegins() {
  begun_.fetch_add(1, std::memory_order_relaxed);
  const bool is_beside_another = running_.fetch_add(1, std::memory_order_relaxed) > 0;
  if (IsBusy() || is_beside_another) Need();
}

void SpareThreads::CallEnds() { running_.fetch_sub(1, std::memory_order_relaxed); }

void SpareThreads::Rest() {
  thread_local const Known counted;
  absl::MutexLock lock(&mutex);
  if (is_needed_ || resting_in_all + 1 >= known) return;
  ++resting_in_all;
  resting_.fetch_add(1, std::memory_order_relaxed);
  mutex.Await(absl::Condition(&is_needed_));
  resting_.fetch_sub(1, std::memory_order_relaxed);
  --resting_in_all;
}

void SpareThreads::Watch() {
  const std::int64_t begun = begun_.load(std::memory_order_relaxed);
  const bool is_long = running_.load(std::memory_order_relaxed) > 0 && begun == begun_at_last_watch_;
  begun_at_last_watch_ = begun;
  if (is_long) Need();
}

void SpareThreads::Settle() {
  const bool was_needed = was_needed_.exchange(false, std::memory_order_relaxed);
  absl::MutexLock lock(&mutex);
  is_needed_ = was_needed || is_closed_;
}

void SpareThreads::Need() {
  was_needed_.store(true, std::memory_order_relaxed);
  if (resting() > 0) Wake();
}

void SpareThreads::Wake() {
  absl::MutexLock lock(&mutex);
  is_needed_ = true;
}

void SpareThreads::Close() {
  absl::MutexLock lock(&mutex);
  is_closed_ = is_needed_ = true;
  mutex.Await(absl::Condition(
      +[](std::atomic<int>* resting) { return resting->load() == 0; }, &resting_));
}

}  // namespace runner
