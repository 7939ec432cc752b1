#include "function/cli/kubectl/status.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/cli/exit_codes.h"
#include "function/cli/kubectl/overview.h"
#include "function/cli/kubectl/target.h"
#include "function/cli/problem.h"
#include "function/cli/suggestion.h"
#include "function/cli/table.h"
#include "function/cli/terminal.h"

namespace cli {
namespace {

using base::Json;
using Row = std::vector<TableCell>;

constexpr char kClearScreen[] = "\x1b[H\x1b[2J";

absl::Status NoPipeline(const Kubectl& kubectl, const std::string& name,
                        const std::vector<OverviewPipeline>& pipelines) {
  std::vector<std::string> names;
  for (const OverviewPipeline& one : pipelines) names.push_back(one.name);
  const std::string nearest = Suggest(name, names);
  return Problem(absl::StatusCode::kNotFound, absl::StrCat("there is no pipeline ", name, " there"),
                 nearest.empty()
                     ? absl::StrCat("kubectl release status", NamespaceFlag(kubectl), " shows what there is")
                     : absl::StrCat("did you mean ", nearest, "?"));
}

absl::StatusOr<std::vector<OverviewPipeline>> Get(const Kubectl& kubectl, const StatusOptions& options) {
  std::string name;
  if (!options.pipeline.empty()) {
    ASSIGN_OR_RETURN(const Target target, ParseTarget(options.pipeline, TargetKind::kPipeline, "PIPELINE"));
    name = target.names[0];
  }
  ASSIGN_OR_RETURN(const std::vector<Json> objects, GetPipelinesAndGates(kubectl, options.all_namespaces));
  ASSIGN_OR_RETURN(std::vector<OverviewPipeline> pipelines, BuildClusterOverview(objects));
  if (name.empty()) return pipelines;
  std::vector<OverviewPipeline> wanted;
  std::copy_if(pipelines.begin(), pipelines.end(), std::back_inserter(wanted),
               [&](const OverviewPipeline& one) { return one.name == name; });
  if (wanted.empty()) return NoPipeline(kubectl, name, pipelines);
  return wanted;
}

class Lines {
 public:
  Lines(bool with_namespace, bool with_color, absl::Time now)
      : with_namespace_(with_namespace), paint_(with_color), now_(now) {}

  std::string Format(const std::vector<OverviewPipeline>& pipelines) {
    for (const OverviewPipeline& pipeline : pipelines) Add(pipeline);
    std::vector<std::string> heading = {"PIPELINE", "ENVIRONMENT", "RUNS",     "SINCE",
                                        "GATE",     "VERDICT",     "WAITS FOR"};
    if (with_namespace_) heading.insert(heading.begin(), "NAMESPACE");
    return FormatTable(heading, rows_);
  }

 private:
  void Add(const OverviewPipeline& pipeline) {
    bool is_first = true;
    for (const OverviewEnvironment& environment : pipeline.environments) {
      static const std::vector<OverviewGate>& none = *new std::vector<OverviewGate>{{}};
      bool is_first_gate = true;
      for (const OverviewGate& gate : environment.gates.empty() ? none : environment.gates) {
        AddRow(is_first ? &pipeline : nullptr, is_first_gate ? &environment : nullptr, gate);
        is_first = is_first_gate = false;
      }
    }
  }

  // What is the same as in the row above is left out.
  void AddRow(const OverviewPipeline* pipeline, const OverviewEnvironment* environment,
              const OverviewGate& gate) {
    Row row;
    if (with_namespace_) row.push_back({pipeline != nullptr ? OneLine(pipeline->namespace_name) : ""});
    row.push_back(pipeline != nullptr ? PipelineCell(*pipeline) : TableCell());
    row.push_back({environment != nullptr ? OneLine(environment->name) : ""});
    row.push_back(environment != nullptr ? RunsCell(*environment) : TableCell());
    row.push_back({environment != nullptr ? OneLine(environment->since) : ""});
    row.push_back({OneLine(gate.name)});
    const std::string verdict = OneLine(gate.verdict);
    row.push_back({verdict, paint_.Verdict(verdict)});
    row.push_back({WaitsFor(environment, gate)});
    rows_.push_back(std::move(row));
  }

  TableCell PipelineCell(const OverviewPipeline& pipeline) const {
    const std::string name = OneLine(pipeline.name);
    if (pipeline.exists) return {name, paint_.Bold(name)};
    const std::string text = absl::StrCat(name, " (not there)");
    return {text, paint_.Bad(text)};
  }

  TableCell RunsCell(const OverviewEnvironment& environment) const {
    if (environment.artifact_id.empty()) return {"-", paint_.Faint("-")};
    return {OneLine(environment.artifact_id)};
  }

  // The artifact that it is about, where that is another one than what runs there.
  std::string WaitsFor(const OverviewEnvironment* environment, const OverviewGate& gate) const {
    std::string text = OneLine(gate.waits_for);
    const bool is_about_another = environment == nullptr || environment->artifact_id != gate.artifact_id;
    if (!gate.artifact_id.empty() && is_about_another) {
      text = absl::StrCat(OneLine(gate.artifact_id), text.empty() ? "" : ": ", text);
    }
    const absl::StatusOr<absl::Time> next = base::ParseTime(gate.next_change);
    if (next.ok())
      absl::StrAppend(&text, gate.times_out ? ", times out " : ", changes ", Relative(*next, now_));
    return text;
  }

  const bool with_namespace_;
  const Paint paint_;
  const absl::Time now_;
  std::vector<Row> rows_;
};

Json GateJson(const OverviewGate& gate) {
  return {{"name", gate.name},           {"artifact_id", gate.artifact_id}, {"gate_status", gate.verdict},
          {"waits_for", gate.waits_for}, {"next_change", gate.next_change}, {"times_out", gate.times_out}};
}

Json ToJson(const std::vector<OverviewPipeline>& pipelines) {
  Json list = Json::array();
  for (const OverviewPipeline& pipeline : pipelines) {
    Json environments = Json::array();
    for (const OverviewEnvironment& environment : pipeline.environments) {
      Json gates = Json::array();
      for (const OverviewGate& gate : environment.gates) gates.push_back(GateJson(gate));
      environments.push_back({{"name", environment.name},
                              {"artifact_id", environment.artifact_id},
                              {"since", environment.since},
                              {"gates", std::move(gates)}});
    }
    list.push_back({{"namespace", pipeline.namespace_name},
                    {"pipeline", pipeline.name},
                    {"exists", pipeline.exists},
                    {"environments", std::move(environments)}});
  }
  return list;
}

std::string Format(const std::vector<OverviewPipeline>& pipelines, const StatusOptions& options,
                   const Console& console) {
  if (options.output == "json") {
    // A line each time, for those who read what is watched.
    return ToJson(pipelines).dump(options.watch ? -1 : 2, ' ', /*ensure_ascii=*/false,
                                  Json::error_handler_t::replace) +
           "\n";
  }
  if (pipelines.empty()) return "no pipelines and no gates\n";
  return Lines(options.all_namespaces, console.streams.with_color, console.clock.Now()).Format(pipelines);
}

void Show(const std::string& text, std::string& shown, const StatusOptions& options, const Console& console) {
  const bool is_screen = options.watch && options.output == "text" && console.streams.is_terminal;
  if (text == shown) return;
  if (is_screen) console.streams.out << kClearScreen;
  if (!is_screen && !shown.empty() && options.output == "text") console.streams.out << "\n";
  console.streams.out << text << std::flush;
  shown = text;
}

absl::Status CheckOptions(const StatusOptions& options) {
  RETURN_IF_ERROR(CheckOutput(options.output, {"text", "json"}));
  if (options.interval >= 1) return absl::OkStatus();
  return Problem(absl::StatusCode::kInvalidArgument, "--interval: must be at least 1", "give seconds");
}

}  // namespace

int RunStatus(const KubectlOptions& kubectl_options, const StatusOptions& options, const Console& console) {
  if (const absl::Status status = CheckOptions(options); !status.ok()) return Fail(console, status);
  const Kubectl kubectl(console.kubectl, kubectl_options, console.streams.err);
  std::string shown;
  do {
    if (!shown.empty()) console.sleep(absl::Seconds(options.interval));
    const absl::StatusOr<std::vector<OverviewPipeline>> pipelines = Get(kubectl, options);
    if (!pipelines.ok()) return Fail(console, pipelines.status());
    Show(Format(*pipelines, options, console), shown, options, console);
    // Whoever reads it may be gone.
  } while (options.watch && console.streams.out.good());
  return kExitOk;
}

}  // namespace cli
