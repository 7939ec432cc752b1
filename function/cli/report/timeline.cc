#include "function/cli/report/timeline.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/cli/report/svg.h"

namespace cli::report {
namespace {

constexpr int kTop = 18;            // for the word at the line of "as of"
constexpr int kRow = 42;            // a label, and bars below it
constexpr int kBarTop = 18;         // in a row
constexpr int kBarHeight = 14;      //
constexpr int kAxis = 24;           // below the rows
constexpr double kLabelled = 0.27;  // how wide a bar has to be to have a word in it

// From times to places across.
class Scale {
 public:
  void Include(Moment time) {
    if (!time) return;
    first_ = first_ ? std::min(*first_, *time) : *time;
    last_ = last_ ? std::max(*last_, *time) : *time;
  }

  bool empty() const { return !first_.has_value(); }

  // A moment alone has no width.
  void Finish() {
    if (empty() || *last_ - *first_ >= absl::Minutes(2)) return;
    first_ = *first_ - absl::Hours(1);
    last_ = *last_ + absl::Hours(1);
  }

  absl::Time first() const { return *first_; }
  absl::Time last() const { return *last_; }

  double At(absl::Time time) const {
    constexpr double kMargin = 0.02;  // for icons at the ends
    const double part = absl::FDivDuration(time - *first_, *last_ - *first_);
    return kMargin + (1 - 2 * kMargin) * std::clamp(part, 0.0, 1.0);
  }

 private:
  Moment first_;
  Moment last_;
};

// The ticks of the axis: at most four steps, at round times.
absl::Duration StepOf(const Scale& scale) {
  constexpr int kHours[] = {1, 2, 3, 6, 12, 24, 48, 7 * 24, 14 * 24, 30 * 24, 90 * 24, 365 * 24, 3650 * 24};
  const absl::Duration length = scale.last() - scale.first();
  for (const int hours : kHours) {
    if (length <= absl::Hours(4 * hours)) return absl::Hours(hours);
  }
  return absl::Hours(87600 * 100);
}

Html DrawAxis(const Scale& scale, int height) {
  const absl::Duration step = StepOf(scale);
  const char* format = step < absl::Hours(24) ? "%m-%d %H:%M" : "%E4Y-%m-%d";
  const int base = height - kAxis;
  Html axis = SvgLine(0, base, 1, base, "axis");
  absl::Time tick = absl::UnixEpoch() + absl::Floor(scale.first() - absl::UnixEpoch(), step);
  for (; tick <= scale.last(); tick += step) {
    if (tick < scale.first()) continue;
    const double x = scale.At(tick);
    const char* anchor = x < 0.1 ? "start" : x > 0.9 ? "end" : "middle";
    axis.Add(SvgLine(x, kTop, x, base + 4, "grid"));
    axis.Add(SvgText(x, base + 17, "note", anchor, absl::FormatTime(format, tick, absl::UTCTimeZone())));
  }
  return axis;
}

Html Bar(double from, double to, int row, absl::string_view class_name) {
  return Element("rect", {{"x", Percent(from)},
                          {"y", absl::StrCat(row + kBarTop)},
                          {"width", Percent(std::max(to - from, 0.004))},
                          {"height", absl::StrCat(kBarHeight)},
                          {"rx", "3"},
                          {"class", std::string(class_name)}});
}

class Drawer {
 public:
  Drawer(const PipelineView& pipeline, Moment as_of) : pipeline_(pipeline), as_of_(as_of) {
    scale_.Include(as_of);
    bool has_more = false;
    for (const ReleaseView& release : pipeline.releases) {
      scale_.Include(release.since);
      scale_.Include(release.until);
      has_more = has_more || release.since;
    }
    for (const GateView& gate : pipeline.gates) {
      for (const AttemptView& attempt : gate.attempts) {
        for (const Moment time : {attempt.start, attempt.end, attempt.deadline}) scale_.Include(time);
        has_more = has_more || attempt.start || attempt.end;
      }
    }
    if (has_more) scale_.Finish();
    is_empty_ = !has_more;
  }

  Html Draw() {
    if (is_empty_) return Html();
    for (size_t i = 0; i < pipeline_.environments.size(); ++i) DrawEnvironment(i);
    for (const GateView& gate : pipeline_.gates) {
      if (!IsAt(gate)) DrawGate(gate);
    }
    const int height = row_ + kAxis;
    Html all = DrawAxis(scale_, height);
    all.Add(rows_);
    if (as_of_) {
      const double x = scale_.At(*as_of_);
      all.Add(SvgLine(x, kTop - 6, x, height - kAxis, "asof"));
      all.Add(SvgText(x, kTop - 7, "note", x > 0.9 ? "end" : x < 0.1 ? "start" : "middle", "as of"));
    }
    return Drawing("timeline", height, Description(), {all});
  }

 private:
  // Whether the gate leads to one of the pipeline's environments.
  bool IsAt(const GateView& gate) const {
    return std::any_of(pipeline_.environments.begin(), pipeline_.environments.end(),
                       [&](const EnvironmentView& environment) { return environment.name == gate.target; });
  }

  void DrawEnvironment(size_t index) {
    const std::string& name = pipeline_.environments[index].name;
    for (const GateView& gate : pipeline_.gates) {
      if (gate.target == name) DrawGate(gate);
    }
    DrawReleases(name);
  }

  void BeginRow(const std::string& label) { rows_.Add(SvgText(0, row_ + 12, "label", "start", label)); }

  // What ran in an environment, every other one in another shade.
  void DrawReleases(const std::string& environment) {
    bool is_any = false;
    int count = 0;
    for (const ReleaseView& release : pipeline_.releases) {
      const Moment until = release.until ? release.until : as_of_;
      if (release.environment != environment || !release.since || !until) continue;
      if (!is_any) BeginRow(environment);
      is_any = true;
      const double from = scale_.At(*release.since);
      const double to = scale_.At(*until);
      rows_.Add(Bar(from, to, row_, ++count % 2 == 1 ? "ran" : "ran other"));
      if (to - from < kLabelled) continue;
      rows_.Add(
          SvgText((from + to) / 2, row_ + kBarTop + 11, "inbar", "middle", TinyVersion(release.artifact_id)));
    }
    if (is_any) row_ += kRow;
  }

  void DrawGate(const GateView& gate) {
    const auto has_time = [](const AttemptView& attempt) { return attempt.start || attempt.end; };
    if (std::none_of(gate.attempts.begin(), gate.attempts.end(), has_time)) return;
    BeginRow(absl::StrCat("gate to ", gate.target));
    for (auto attempt = gate.attempts.rbegin(); attempt != gate.attempts.rend(); ++attempt) {
      if (has_time(*attempt)) DrawAttempt(*attempt);
    }
    row_ += kRow;
  }

  void DrawAttempt(const AttemptView& attempt) {
    const Look look = LookOf(attempt.state);
    const int middle = row_ + kBarTop + kBarHeight / 2;
    Moment end = attempt.end;
    if (!end) end = as_of_ ? as_of_ : attempt.start;
    if (attempt.start)
      rows_.Add(Bar(scale_.At(*attempt.start), scale_.At(*end), row_, "attempt " + ClassOf(look.tone)));
    if (attempt.deadline && *attempt.deadline > *end) {
      const double deadline = scale_.At(*attempt.deadline);
      rows_.Add(SvgLine(scale_.At(*end), middle, deadline, middle, "left"));
      rows_.Add(SvgLine(deadline, middle - 6, deadline, middle + 6, "deadline"));
    }
    rows_.Add(SvgIcon(scale_.At(*end), middle, look));
    if (!attempt.overridden_by.empty())
      rows_.Add(SvgIcon(scale_.At(*end), middle - 16, LookOf(IncidentView::Kind::kOverride)));
  }

  std::string Description() const {
    size_t attempts = 0;
    for (const GateView& gate : pipeline_.gates) attempts += gate.attempts.size();
    return absl::StrCat("Timeline from ", TimeText(scale_.first()), " to ", TimeText(scale_.last()), ": ",
                        Count(attempts, "attempt"), " of the gates, and ",
                        Count(pipeline_.releases.size(), "release"), ". The tables below say the same.");
  }

  const PipelineView& pipeline_;
  const Moment as_of_;
  Scale scale_;
  bool is_empty_ = true;
  int row_ = kTop;
  Html rows_;
};

}  // namespace

Html DrawTimeline(const PipelineView& pipeline, Moment as_of) { return Drawer(pipeline, as_of).Draw(); }

}  // namespace cli::report
