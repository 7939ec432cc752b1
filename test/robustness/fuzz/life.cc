// The life of a gate or a pipeline: a document says which objects there are and what happens to the XR, one
// step after the other, the clock set back included. Whatever it says, nothing is approved that should not
// be.
//   {"objects": [XR, …], "input": Input, "steps": [{"minutes": 5, "spec": MERGE-PATCH, "status": MERGE-PATCH,
//    "forget": true}]}
// Step after step: time goes on, the spec is edited, somebody forges the status, the ConfigMap is lost.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/time.h"
#include "test/robustness/fuzz/crossplane.h"
#include "test/robustness/fuzz/fuzz.h"
#include "test/robustness/fuzz/json_mutator.h"

namespace {

using base::Json;
using fuzz::Check;
using fuzz::Crossplane;
using fuzz::Outcome;

constexpr size_t kMaxSteps = 8;
constexpr size_t kMaxObjects = 6;
constexpr int64_t kMaxMinutes = 60 * 24 * 30;
constexpr char kAuditKey[] = "only the function knows it";
const absl::Time kStart = absl::FromUnixSeconds(1767355200);  // 2026-01-02T12:00:00Z

const Json& At(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string Text(const Json& object, const char* key) {
  const Json& value = At(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}

int64_t Number(const Json& object, const char* key, int64_t otherwise) {
  const Json& value = At(object, key);
  if (!value.is_number()) return otherwise;
  return static_cast<int64_t>(std::clamp(value.get<double>(), -1e9, 1e9));
}

// An approval, or an override, for what the gate is about.
bool IsForThis(const Json& entry, const Json& spec) {
  return Text(entry, "artifact_id") == Text(spec, "artifact_id") &&
         Number(entry, "attempt", 1) == Number(spec, "attempt", 1);
}

bool SomebodyApproves(const Json& spec) {
  if (IsForThis(At(spec, "override"), spec)) return true;
  const Json& approvals = At(spec, "approvals");
  if (!approvals.is_array()) return false;
  return std::any_of(approvals.begin(), approvals.end(), [&](const Json& entry) {
    return Text(entry, "decision") == "approve" && IsForThis(entry, spec);
  });
}

// What has to be so whenever a gate opens, whatever else the documents say: none of it is read with the
// function's own code.
void CheckOpening(Crossplane& crossplane, const Json& status, absl::Time now) {
  const Json& spec = At(crossplane.xr(), "spec");
  const std::string tenant = Text(spec, "tenant");
  const std::string name = Text(spec, "pipeline");
  Check(crossplane.Any([&](const Json& object) {
    const std::string kind = Text(object, "kind");
    return (kind == "XReleasePipeline" || kind == "ReleasePipeline") &&
           Text(At(object, "metadata"), "name") == (name.empty() ? tenant + "-pipeline" : name) &&
           Text(At(object, "spec"), "tenant") == tenant;
  }),
        "nothing opens without a pipeline of the same tenant");
  Check(Text(status, "approved_artifact_id") == Text(spec, "artifact_id"), "the artifact is the spec's");
  Check(At(spec, "approval_required") == false || SomebodyApproves(spec), "nor without an approval");
  const absl::StatusOr<absl::Time> deadline = base::ParseTime(Text(status, "deadline"));
  Check(deadline.ok() && now < *deadline, "nor at its deadline or later");
}

bool IsFinal(const Json& status) {
  const std::string verdict = Text(status, "gate_status");
  return verdict == "approved" || verdict == "rejected" || verdict == "timeout";
}

// A gate through all steps. Returns the verdict after each of them.
std::vector<std::string> Live(const Json& document, const std::string& key, bool with_forgeries) {
  std::vector<Json> objects;
  for (const Json& object : At(document, "objects")) {
    if (object.is_object() && objects.size() < kMaxObjects) objects.push_back(object);
  }
  if (objects.empty()) return {};
  Crossplane crossplane(objects, At(document, "input"), key);
  if (!with_forgeries || key.empty()) crossplane.xr().erase("status");
  std::vector<std::string> verdicts;
  absl::Time now = kStart;
  Json before;
  for (const Json& step : At(document, "steps")) {
    if (verdicts.size() == kMaxSteps) break;
    now += absl::Minutes(std::clamp(Number(step, "minutes", 1), -kMaxMinutes, kMaxMinutes));
    if (At(step, "spec").is_object()) crossplane.xr()["spec"].merge_patch(step["spec"]);
    const bool is_forged = with_forgeries && At(step, "status").is_object();
    if (is_forged) crossplane.xr()["status"].merge_patch(step["status"]);
    if (with_forgeries && At(step, "forget") == true) crossplane.ForgetObserved();
    const Outcome outcome = crossplane.Reconcile(now);
    const std::string verdict = fuzz::VerdictOf(outcome.summary);
    verdicts.push_back(verdict);
    if (verdict.empty()) continue;
    const Json& status = outcome.status;
    Check(Text(status, "gate_status") == verdict, "the status shows the verdict");
    Check((verdict == "approved") == !Text(status, "approved_artifact_id").empty(),
          "approved_artifact_id is set where it is approved, and only there");
    const bool same_subject = Text(before, "subject") == Text(status, "subject");
    if (!with_forgeries && same_subject && IsFinal(before)) {
      Check(before["gate_status"] == status["gate_status"], "a verdict is for good, whatever the clock says");
    }
    if (!with_forgeries && verdict == "approved" && !(same_subject && IsFinal(before))) {
      CheckOpening(crossplane, status, now);
    }
    if (!with_forgeries && same_subject) {
      Check(Text(before, "created_timestamp") == Text(status, "created_timestamp"), "an attempt starts once");
    }
    before = status;
  }
  return verdicts;
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  return fuzz::MutateJson(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Json document = Json::parse(fuzz::View(data, size), nullptr, /*allow_exceptions=*/false);
  if (!At(document, "objects").is_array()) return 0;
  const std::vector<std::string> honest = Live(document, kAuditKey, /*with_forgeries=*/false);
  Live(document, "", /*with_forgeries=*/false);
  Live(document, "", /*with_forgeries=*/true);
  // With the audit key, forging the status opens nothing that would not have opened.
  const std::vector<std::string> forged = Live(document, kAuditKey, /*with_forgeries=*/true);
  for (size_t i = 0; i < forged.size() && i < honest.size(); ++i) {
    Check(forged[i] != "approved" || honest[i] == "approved", "a forged status opens nothing");
  }
  return 0;
}
