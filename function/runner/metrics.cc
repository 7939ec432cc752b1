#include "function/runner/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace runner {
namespace {

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  const std::string shortest = absl::StrFormat("%.15g", value);
  return std::strtod(shortest.c_str(), nullptr) == value ? shortest : absl::StrFormat("%.17g", value);
}

// `{a="1",b="2"}`; nothing without labels.
std::string LabelBlock(const Metrics::Labels& labels) {
  std::string block;
  for (const auto& [name, value] : labels) {
    absl::StrAppend(&block, block.empty() ? "{" : ",", name, "=\"",
                    absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}), "\"");
  }
  if (!block.empty()) block += "}";
  return block;
}

void AppendSample(absl::string_view name, const Metrics::Labels& labels, absl::string_view value,
                  std::string* out) {
  absl::StrAppend(out, name, LabelBlock(labels), " ", value, "\n");
}

void AppendHeader(absl::string_view name, absl::string_view type, absl::string_view help, std::string* out) {
  absl::StrAppend(out, "# HELP ", name, " ", absl::StrReplaceAll(help, {{"\\", "\\\\"}, {"\n", "\\n"}}),
                  "\n# TYPE ", name, " ", type, "\n");
}

void AppendHistogram(const std::string& name, const Metrics::Labels& labels, const Histogram& histogram,
                     std::string* out) {
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
    cumulative += histogram.count(i);
    Metrics::Labels with_bound = labels;
    with_bound.emplace_back("le", i < histogram.bounds().size() ? Number(histogram.bounds()[i]) : "+Inf");
    AppendSample(name + "_bucket", with_bound, absl::StrCat(cumulative), out);
  }
  AppendSample(name + "_sum", labels, Number(histogram.sum()), out);
  AppendSample(name + "_count", labels, absl::StrCat(cumulative), out);
}

}  // namespace

void Histogram::Observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Metrics::Series& Metrics::GetSeries(Kind kind, absl::string_view name, absl::string_view help,
                                    const Labels& labels) {
  Family& family =
      families_.try_emplace(std::string(name), Family{kind, std::string(help), {}}).first->second;
  if (family.kind != kind) {
    std::fprintf(stderr, "metric %s is registered as two kinds\n", std::string(name).c_str());
    std::abort();
  }
  return family.series[labels];
}

Counter& Metrics::GetCounter(absl::string_view name, absl::string_view help, const Labels& labels) {
  std::lock_guard<std::mutex> lock(mu_);
  Series& series = GetSeries(Kind::kCounter, name, help, labels);
  if (series.counter == nullptr) series.counter = std::make_unique<Counter>();
  return *series.counter;
}

Gauge& Metrics::GetGauge(absl::string_view name, absl::string_view help, const Labels& labels) {
  std::lock_guard<std::mutex> lock(mu_);
  Series& series = GetSeries(Kind::kGauge, name, help, labels);
  if (series.gauge == nullptr) series.gauge = std::make_unique<Gauge>();
  return *series.gauge;
}

Histogram& Metrics::GetHistogram(absl::string_view name, absl::string_view help,
                                 const std::vector<double>& bounds, const Labels& labels) {
  std::lock_guard<std::mutex> lock(mu_);
  Series& series = GetSeries(Kind::kHistogram, name, help, labels);
  if (series.histogram == nullptr) series.histogram = std::make_unique<Histogram>(bounds);
  return *series.histogram;
}

void Metrics::AddCollector(std::function<void(std::string* out)> collector) {
  std::lock_guard<std::mutex> lock(mu_);
  collectors_.push_back(std::move(collector));
}

void Metrics::AppendSeries(const std::string& name, const Labels& labels, const Series& series,
                           std::string* out) {
  if (series.counter != nullptr) AppendSample(name, labels, absl::StrCat(series.counter->value()), out);
  if (series.gauge != nullptr) AppendSample(name, labels, Number(series.gauge->value()), out);
  if (series.histogram != nullptr) AppendHistogram(name, labels, *series.histogram, out);
}

std::string Metrics::Expose() const {
  std::lock_guard<std::mutex> lock(mu_);
  std::string out;
  for (const auto& [name, family] : families_) {
    const char* type = family.kind == Kind::kCounter ? "counter"
                       : family.kind == Kind::kGauge ? "gauge"
                                                     : "histogram";
    AppendHeader(name, type, family.help, &out);
    for (const auto& [labels, series] : family.series) AppendSeries(name, labels, series, &out);
  }
  for (const auto& collector : collectors_) collector(&out);
  return out;
}

void AppendFamily(absl::string_view name, absl::string_view type, absl::string_view help, double value,
                  std::string* out) {
  AppendHeader(name, type, help, out);
  AppendSample(name, {}, Number(value), out);
}

}  // namespace runner
