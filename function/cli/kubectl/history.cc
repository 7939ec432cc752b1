#include "function/cli/kubectl/history.h"

#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/cli/exit_codes.h"
#include "function/cli/kubectl/live_gate.h"
#include "function/cli/kubectl/target.h"
#include "function/cli/preview_object.h"
#include "function/cli/table.h"
#include "function/cli/terminal.h"
#include "function/manifest/status.h"
#include "function/release/attempt.h"
#include "function/release/pipeline.h"

namespace cli {
namespace {

using base::Json;
using Row = std::vector<TableCell>;

constexpr char kSuperseded[] = "superseded";

// The latest first, the current one among them.
struct GateAttempt {
  int attempt = 1;
  std::string artifact_id;
  std::string verdict;  // or "superseded": never decided
  std::string time;     // of the verdict; of a pending one its start
  std::string approver;
};

std::vector<GateAttempt> AttemptsOf(const LiveGate& gate) {
  std::vector<GateAttempt> attempts;
  if (gate.status) {
    for (const release::PastAttempt& past : gate.status->history) {
      attempts.push_back({past.attempt, past.artifact_id,
                          past.verdict == "pending" ? kSuperseded : past.verdict, base::FormatTime(past.time),
                          ""});
    }
  }
  const std::optional<release::Attempt> current =
      gate.is_decided ? release::LastAttempt(gate.status->audit) : std::nullopt;
  const bool is_final = gate.verdict() != release::Verdict::kPending;
  GateAttempt latest{gate.spec().attempt, gate.spec().artifact_id, std::string(Name(gate.verdict()))};
  if (current) latest.time = base::FormatTime(is_final ? current->verdict_time : current->start);
  if (is_final) latest.approver = gate.status->approver;
  attempts.push_back(std::move(latest));
  std::reverse(attempts.begin(), attempts.end());
  return attempts;
}

void PrintGate(const LiveGate& gate, const Console& console) {
  const Paint paint(console.streams.with_color);
  std::vector<Row> rows;
  for (const GateAttempt& one : AttemptsOf(gate)) {
    const std::string verdict = OneLine(one.verdict);
    rows.push_back({{one.time},
                    {OneLine(one.artifact_id)},
                    {absl::StrCat(one.attempt)},
                    {verdict, verdict == kSuperseded ? paint.Faint(verdict) : paint.Verdict(verdict)},
                    {OneLine(one.approver)}});
  }
  console.streams.out << paint.Bold(Describe(gate)) << "\n"
                      << FormatTable({"TIME", "ARTIFACT", "ATTEMPT", "VERDICT", "BY"}, rows);
}

Json GateJson(const LiveGate& gate) {
  Json list = Json::array();
  for (const GateAttempt& one : AttemptsOf(gate)) {
    list.push_back({{"attempt", one.attempt},
                    {"artifact_id", one.artifact_id},
                    {"verdict", one.verdict},
                    {"time", one.time},
                    {"approver", one.approver}});
  }
  return list;
}

// What runs now and what ran, the latest first. `until` is empty for what runs.
std::vector<release::ReleaseRecord> RecordsOf(const Json& pipeline) {
  const release::PipelineStatus status = manifest::PipelineStatusFromJson(At(pipeline, {"status"}));
  std::vector<release::ReleaseRecord> records = status.history;
  for (const release::EnvironmentStatus& one : status.environments) {
    const bool is_there =
        std::any_of(records.begin(), records.end(), [&](const release::ReleaseRecord& record) {
          return record.environment == one.name && !record.until;
        });
    if (!one.artifact_id.empty() && !is_there) records.push_back({one.artifact_id, one.name, one.since});
  }
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return a.since.value_or(absl::InfinitePast()) > b.since.value_or(absl::InfinitePast());
  });
  return records;
}

void PrintPipeline(const Json& pipeline, const Console& console) {
  const Paint paint(console.streams.with_color);
  std::vector<Row> rows;
  for (const release::ReleaseRecord& one : RecordsOf(pipeline)) {
    const bool is_now = !one.until;
    rows.push_back(
        {{OneLine(one.environment)},
         {OneLine(one.artifact_id)},
         {manifest::FormatOptionalTime(one.since)},
         {is_now ? "now" : manifest::FormatOptionalTime(one.until), is_now ? paint.Good("now") : ""},
         {manifest::FormatOptionalTime(one.expires)}});
  }
  console.streams.out << paint.Bold(absl::StrCat("pipeline ", Namespace(pipeline), "/", Name(pipeline)))
                      << "\n"
                      << FormatTable({"ENVIRONMENT", "ARTIFACT", "SINCE", "UNTIL", "KEPT UNTIL"}, rows);
}

Json PipelineJson(const Json& pipeline) {
  Json list = Json::array();
  for (const release::ReleaseRecord& one : RecordsOf(pipeline)) {
    list.push_back({{"environment", one.environment},
                    {"artifact_id", one.artifact_id},
                    {"since", manifest::FormatOptionalTime(one.since)},
                    {"until", manifest::FormatOptionalTime(one.until)},
                    {"expires", manifest::FormatOptionalTime(one.expires)}});
  }
  return list;
}

absl::StatusOr<Json> Get(const Kubectl& kubectl, const std::string& name) {
  ASSIGN_OR_RETURN(const Target target, ParseTarget(name, TargetKind::kEither, "NAME"));
  return GetTarget(kubectl, target);
}

int Show(const Json& object, const HistoryOptions& options, const Console& console,
         const std::string& namespace_name) {
  const auto print_json = [&](const std::string& space, const std::string& name, Json history) {
    PrintJson(
        console,
        {{"kind", Kind(object)}, {"namespace", space}, {"name", name}, {"history", std::move(history)}});
    return kExitOk;
  };
  if (IsPipeline(object)) {
    if (options.output == "json") return print_json(Namespace(object), Name(object), PipelineJson(object));
    PrintPipeline(object, console);
    return kExitOk;
  }
  const absl::StatusOr<LiveGate> gate = ReadLiveGate(object, namespace_name);
  if (!gate.ok()) return Fail(console, gate.status());
  if (options.output == "json") return print_json(gate->namespace_name(), gate->name(), GateJson(*gate));
  PrintGate(*gate, console);
  return kExitOk;
}

}  // namespace

int RunHistory(const KubectlOptions& kubectl_options, const HistoryOptions& options, const Console& console) {
  if (const absl::Status status = CheckOutput(options.output, {"text", "json"}); !status.ok()) {
    return Fail(console, status);
  }
  const Kubectl kubectl(console.kubectl, kubectl_options, console.streams.err);
  const absl::StatusOr<Json> object = Get(kubectl, options.name);
  if (!object.ok()) return Fail(console, object.status());
  return Show(*object, options, console, kubectl_options.namespace_name);
}

}  // namespace cli
