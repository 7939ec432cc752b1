// Remembers the last keys that it was given, and no more of them than it has room for. Thread-safe.
#ifndef FUNCTION_BASE_RECENT_SET_H_
#define FUNCTION_BASE_RECENT_SET_H_

#include <cstddef>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace base {

template <typename Key>
class RecentSet {
 public:
  // `capacity`: at least 1.
  explicit RecentSet(std::size_t capacity) : ring_(capacity) {}

  // Whether the key is one of those that it remembers.
  bool Contains(const Key& key) const {
    const std::lock_guard<std::mutex> lock(mu_);
    return known_.count(key) > 0;
  }

  // False where it is one of them already.
  bool Insert(const Key& key) {
    const std::lock_guard<std::mutex> lock(mu_);
    if (!known_.insert(key).second) return false;
    if (size_ == ring_.size()) {
      known_.erase(ring_[next_]);
    } else {
      ++size_;
    }
    ring_[next_] = key;
    next_ = (next_ + 1) % ring_.size();
    return true;
  }

 private:
  mutable std::mutex mu_;
  std::vector<Key> ring_;  // the first size_ are in use; the oldest one is at next_ once all are
  std::size_t size_ = 0;
  std::size_t next_ = 0;
  std::unordered_set<Key> known_;
};

}  // namespace base

#endif  // FUNCTION_BASE_RECENT_SET_H_
