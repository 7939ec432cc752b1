// Keeps strangers from filling the log: of what they can bring about, at most one line in a while is written.
#ifndef FUNCTION_RUNNER_LOG_LIMIT_H_
#define FUNCTION_RUNNER_LOG_LIMIT_H_

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace runner {

// Thread-safe.
class LogLimit {
 public:
  explicit LogLimit(std::chrono::steady_clock::duration quiet) : quiet_(quiet) {}

  // How many lines were left out since the last one; none: leave this one out, too.
  std::optional<std::uint64_t> Next(
      std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()) {
    const std::lock_guard<std::mutex> lock(mu_);
    if (last_ && now - *last_ < quiet_) {
      ++left_out_;
      return std::nullopt;
    }
    last_ = now;
    const std::uint64_t left_out = left_out_;
    left_out_ = 0;
    return left_out;
  }

 private:
  const std::chrono::steady_clock::duration quiet_;
  std::mutex mu_;
  std::optional<std::chrono::steady_clock::time_point> last_;
  std::uint64_t left_out_ = 0;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_LOG_LIMIT_H_
