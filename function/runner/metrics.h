// Prometheus metrics: counters, gauges and histograms with labels, and their text exposition (format version
// 0.0.4). Recording is lock-free; looking a metric up takes a lock, so what is hot keeps the reference.
// References stay valid as long as the registry. Every combination of label values is kept for good: labels
// are for small closed sets.
#ifndef FUNCTION_RUNNER_METRICS_H_
#define FUNCTION_RUNNER_METRICS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace runner {

class Counter {
 public:
  void Increment(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  // `bounds`: the upper bounds of the buckets, ascending; the last one, +Inf, is implied.
  explicit Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

  void Observe(double value);
  const std::vector<double>& bounds() const { return bounds_; }
  // Of the bucket `index` alone; `bounds().size()` is +Inf's.
  std::uint64_t count(std::size_t index) const { return counts_[index].load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;
  std::atomic<double> sum_{0};
};

class Metrics {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  // Each returns the metric of that name and those labels, made on first use. One name is one kind with one
  // help text: the first registration decides both, and a name that is used for another kind is a programming
  // error (it aborts).
  Counter& GetCounter(absl::string_view name, absl::string_view help, const Labels& labels = {});
  Gauge& GetGauge(absl::string_view name, absl::string_view help, const Labels& labels = {});
  Histogram& GetHistogram(absl::string_view name, absl::string_view help, const std::vector<double>& bounds,
                          const Labels& labels = {});

  // `collector` appends complete families (see AppendFamily) for what is cheaper to look up than to keep.
  void AddCollector(std::function<void(std::string* out)> collector);

  std::string Expose() const;

 private:
  enum class Kind { kCounter, kGauge, kHistogram };
  struct Series {
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
  };
  struct Family {
    Kind kind;
    std::string help;
    std::map<Labels, Series> series;
  };

  Series& GetSeries(Kind kind, absl::string_view name, absl::string_view help, const Labels& labels);
  static void AppendSeries(const std::string& name, const Labels& labels, const Series& series,
                           std::string* out);

  mutable std::mutex mu_;
  std::map<std::string, Family> families_;
  std::vector<std::function<void(std::string* out)>> collectors_;
};

// One family of a single sample without labels. `type` is "counter" or "gauge".
void AppendFamily(absl::string_view name, absl::string_view type, absl::string_view help, double value,
                  std::string* out);

}  // namespace runner

#endif  // FUNCTION_RUNNER_METRICS_H_
