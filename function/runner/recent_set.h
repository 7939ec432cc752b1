// Remembers the last keys that it was given, and no more of them than it has room for. Thread-safe.
#ifndef FUNCTION_RUNNER_RECENT_SET_H_
#define FUNCTION_RUNNER_RECENT_SET_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace runner {

class RecentSet {
 public:
  // `capacity`: at least 1.
  explicit RecentSet(std::size_t capacity) : ring_(capacity) {}

  // False where the key is one of those that it remembers.
  bool Insert(std::uint64_t key);

 private:
  std::mutex mu_;
  std::vector<std::uint64_t> ring_;  // the first size_ are in use; the oldest one is at next_ once all are
  std::size_t size_ = 0;
  std::size_t next_ = 0;
  std::unordered_set<std::uint64_t> known_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_RECENT_SET_H_
