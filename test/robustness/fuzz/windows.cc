// Windows and freezes: read as a pipeline's policy, then evaluated: what is said about the next change has to
// come true.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "function/base/time.h"
#include "function/codec/pipeline_codec.h"
#include "function/codec/struct_json.h"
#include "function/release/schedule.h"
#include "test/robustness/fuzz/fuzz.h"
#include "test/robustness/fuzz/json_mutator.h"

namespace {

using base::Json;
using release::ScheduleState;

constexpr char kStep[] = "dev_to_staging";
constexpr int kLooks = 6;

template <typename Evaluate>
void CheckSchedule(const Evaluate& evaluate, absl::Time now) {
  for (int i = 0; i < kLooks; ++i) {
    const ScheduleState state = evaluate(now);
    fuzz::Check(state.message.find('\n') == std::string::npos, "a message is one line");
    if (!state.next_change) return;
    const absl::Time next = *state.next_change;
    fuzz::Check(next > now, "the next change is later");
    const ScheduleState until_then = evaluate(now + (next - now) * 0.7);
    fuzz::Check(until_then.open == state.open && until_then.message == state.message &&
                    until_then.next_change == next,
                absl::StrCat("nothing changes before ", base::FormatTime(next)));
    fuzz::Check(evaluate(next).open != state.open, absl::StrCat("it changes at ", base::FormatTime(next)));
    now = next;
  }
}

// {"windows": […], "freezes": […], "now": "2026-01-02T12:00:00Z"}
absl::StatusOr<release::PipelineSpec> Read(const Json& input) {
  const Json pipeline = {
      {"spec",
       {{"tenant", "acme"},
        {"environments", {"dev", "staging"}},
        {"promotionPolicies", {{kStep, {{"windows", input.value("windows", Json::array())}}}}},
        {"freezes", input.value("freezes", Json::array())}}}};
  return codec::DecodePipelineSpec(codec::StructView(codec::EncodeStruct(pipeline)));
}

absl::Time TimeIn(const Json& input) {
  const Json now = input.value("now", Json());
  const absl::StatusOr<absl::Time> time = base::ParseTime(now.is_string() ? now.get<std::string>() : "");
  return time.value_or(absl::FromUnixSeconds(1767355200));
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  return fuzz::MutateJson(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Json input = Json::parse(fuzz::View(data, size), nullptr, /*allow_exceptions=*/false);
  if (!input.is_object()) return 0;
  const absl::StatusOr<release::PipelineSpec> pipeline = Read(input);
  if (!pipeline.ok()) {
    fuzz::Check(pipeline.status().message().find('\n') == absl::string_view::npos, "an error is one line");
    return 0;
  }
  const release::StepPolicy& policy = pipeline->policies.at(kStep);
  const absl::Time now = TimeIn(input);
  for (const std::vector<release::Window>& windows : policy.windows) {
    fuzz::Check(windows.size() <= 50, "a list is bounded");
    CheckSchedule([&](absl::Time time) { return EvaluateWindows(windows, time); }, now);
  }
  CheckSchedule([&](absl::Time time) { return EvaluateFreezes(policy.freezes, time); }, now);
  return 0;
}
