#include "function/runner/recent_set.h"

namespace runner {

bool RecentSet::Insert(std::uint64_t key) {
  std::lock_guard<std::mutex> lock(mu_);
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

}  // namespace runner
