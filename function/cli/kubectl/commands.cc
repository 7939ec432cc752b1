#include "function/cli/kubectl/commands.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "function/cli/kubectl/approve.h"
#include "function/cli/kubectl/audit_gate.h"
#include "function/cli/kubectl/history.h"
#include "function/cli/kubectl/report_cluster.h"
#include "function/cli/kubectl/status.h"
#include "function/cli/kubectl/why.h"

namespace cli {
namespace {

constexpr char kGateHelp[] = "Which one: NAME, KIND/NAME as for kubectl get, or TENANT/STEP (shop/staging)";

// What every subcommand takes, before or after its name.
void AddKubectlOptions(CLI::App& app, KubectlOptions& options) {
  const auto add = [&](const char* name, std::string& value, const char* help, const char* type) {
    app.add_option(name, value, help)->type_name(type)->group("Options of kubectl");
  };
  add("-n,--namespace", options.namespace_name, "Where the gate is; default: the context's", "NAME");
  add("--context", options.context, "The context of the kubeconfig to use", "NAME");
  add("--kubeconfig", options.kubeconfig, "The kubeconfig to use", "FILE");
  add("--cluster", options.cluster, "The cluster of the kubeconfig to use", "NAME");
  add("--user", options.user, "The user of the kubeconfig to use", "NAME");
  add("--as", options.as, "Impersonate this user", "NAME");
  app.add_option("--as-group", options.as_groups, "Impersonate this group; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->group("Options of kubectl");
  add("--request-timeout", options.request_timeout,
      "How long to wait for an answer of the cluster, as in 10s", "TIME");
}

void AddGate(CLI::App& app, std::string& gate) {
  app.add_option("GATE", gate, kGateHelp)->required()->type_name("");
}

void AddOutput(CLI::App& app, std::string& output) {
  app.add_option("-o,--output", output, "text (the default) or json")->type_name("FORMAT");
}

void AddWhy(CLI::App& app, WhyOptions& options) {
  AddGate(app, options.gate);
  AddOutput(app, options.output);
  app.footer(
      "Exit code: 0 open, 1 closed for good (rejected or timed out), 3 pending, 2 wrong usage,\n"
      "4 it cannot be known (no kubectl, no cluster, no rights, no such gate).\n"
      "Example: what the gate to staging waits for\n"
      "  kubectl release why shop-dev-to-staging -n team");
}

void AddDecision(CLI::App& app, ApproveOptions& options, const char* example) {
  AddGate(app, options.gate);
  app.add_option("--sign", options.key,
                 "Sign it with this SSH private key, or the .pub of one in the agent (ssh-keygen does it)")
      ->type_name("KEY");
  app.add_option("--comment", options.comment, "For those who read the entry; it is not signed")
      ->type_name("TEXT");
  app.add_option("--artifact", options.artifact, "Go on only where the gate is about this artifact")
      ->type_name("REF");
  app.add_flag("-y,--yes", options.yes, "Do not ask");
  app.add_flag("--print", options.print, "Print the manifest for a Git commit, and apply nothing");
  app.add_option("--as-approver", options.approver,
                 "Your name in the policies; default: the one that the cluster knows you by")
      ->type_name("NAME");
  app.add_option("--field-manager", options.field_manager,
                 "Whose hand the entry is under; default: the approver's name")
      ->type_name("NAME");
  app.add_option("--timeout", options.timeout,
                 "Wait so long for the gate to look at the entry (default 30; 0: do not wait)")
      ->type_name("SECONDS");
  app.add_option("-o,--output", options.output,
                 "text (the default) or json; with --print yaml (the default) or json")
      ->type_name("FORMAT");
  app.footer(absl::StrCat(
      "Exit code: 0 it counts (or is not needed, or was printed), 1 it does not, or you said no,\n"
      "3 the gate has not looked at it yet, 2 wrong usage, 4 nothing was applied (no kubectl, no cluster,\n"
      "no rights, no such gate, no signature).\n",
      example));
}

void AddApprove(CLI::App& app, ApproveOptions& options) {
  AddDecision(app, options,
              "Example: signed with the key that signs your commits\n"
              "  kubectl release approve shop-dev-to-staging -n team --sign ~/.ssh/id_ed25519");
}

void AddReject(CLI::App& app, ApproveOptions& options) {
  AddDecision(app, options,
              "Example: with a word on why\n"
              "  kubectl release reject shop-dev-to-staging -n team --comment 'the login is broken'");
}

void AddStatus(CLI::App& app, StatusOptions& options) {
  app.add_option("PIPELINE", options.pipeline, "Only this one: its NAME or KIND/NAME")->type_name("");
  app.add_flag("-A,--all-namespaces", options.all_namespaces, "In all namespaces");
  app.add_flag("-w,--watch", options.watch, "Look again and again, until Ctrl-C");
  app.add_option("--interval", options.interval, "Time between two looks (default 2)")->type_name("SECONDS");
  app.add_option("-o,--output", options.output,
                 "text (the default) or json; with --watch a line of JSON a change")
      ->type_name("FORMAT");
  app.footer(
      "Exit code: 0 shown, 2 wrong usage, 4 it cannot be known (no kubectl, no cluster, no rights).\n"
      "Example: everything in a namespace, and how it goes on\n"
      "  kubectl release status -n team --watch");
}

void AddHistory(CLI::App& app, HistoryOptions& options) {
  app.add_option("NAME", options.name, "A gate or a pipeline: its NAME, KIND/NAME, or for a gate TENANT/STEP")
      ->required()
      ->type_name("");
  AddOutput(app, options.output);
  app.footer(
      "Exit code: 0 shown, 2 wrong usage, 4 it cannot be known (no kubectl, no cluster, no rights).\n"
      "Example: what was promoted to production, when and by whom\n"
      "  kubectl release history shop/production -n team");
}

void AddAudit(CLI::App& app, AuditGateOptions& options) {
  AddGate(app, options.gate);
  app.add_option("--allowed-signers", options.verify.allowed_signers,
                 "Check the signatures of what the trail says was signed, as of then")
      ->type_name("FILE");
  app.add_option("--key-file", options.verify.key_file,
                 "The key of the function's credential `audit`, byte by byte")
      ->type_name("FILE");
  app.add_option("--previous-key-file", options.verify.previous_key_file,
                 "Its previous-key, while it is being rotated")
      ->type_name("FILE");
  AddOutput(app, options.verify.output);
  app.footer(
      "Exit code: 0 intact, 1 not intact, 2 wrong usage, 4 it cannot be known (no kubectl, no cluster,\n"
      "no rights, no such gate).\n"
      "Example: the chain, and the signatures by keys that you trust\n"
      "  kubectl release audit shop-dev-to-staging -n team --allowed-signers ~/allowed_signers");
}

void AddReport(CLI::App& app, ReportClusterOptions& options) {
  app.add_flag("-A,--all-namespaces", options.all_namespaces, "Of all namespaces");
  app.add_option("--output-file", options.report.output, "Where to write it (the default: standard output)")
      ->type_name("FILE");
  app.add_option("--now", options.report.now,
                 "The time that the page is as of (the default: the newest time in the objects)")
      ->type_name("TIME");
  AddProofOptions(app, options.report);
  app.add_option("-o,--output", options.output, "html (the default), or json: the objects that it is made of")
      ->type_name("FORMAT");
  app.footer(
      "Exit code: 0 the page is whole, whatever it says; 1 something could not be shown; 2 wrong usage;\n"
      "4 it cannot be known (no kubectl, no cluster, no rights, nothing there).\n"
      "Example: what is where, and who decided it\n"
      "  kubectl release report -n team >report.html");
}

// Registers subcommands, each with options of its own beside those of kubectl.
class Registering {
 public:
  Registering(Program& program, const std::function<Console()>& console)
      : program_(program),
        console_(console),
        kubectl_(std::make_shared<KubectlOptions>()),
        group_(program.AddGroup(kReleaseGroup, "See, approve and audit gates in a cluster (kubectl release)",
                                [kubectl = kubectl_](CLI::App& app) { AddGroupOptions(app, *kubectl); })) {}

  template <typename Options>
  void Add(const char* name, const char* help, void (*add_options)(CLI::App&, Options&),
           int (*run)(const KubectlOptions&, const Options&, const Console&), const Options& defaults = {}) {
    const auto options = std::make_shared<Options>(defaults);
    program_.AddCommand(
        name, help,
        [options, kubectl = kubectl_, add_options](CLI::App& app) {
          add_options(app, *options);
          AddKubectlOptions(app, *kubectl);
        },
        [options, kubectl = kubectl_, console = console_, run] { return run(*kubectl, *options, console()); },
        &group_);
  }

 private:
  static void AddGroupOptions(CLI::App& app, KubectlOptions& options) {
    AddKubectlOptions(app, options);
    app.footer(
        "It calls your own kubectl: your context, your rights ($KUBECTL names another one). Installed as\n"
        "kubectl-release it is `kubectl release`.\n"
        "Example: approve what waits for staging, signed\n"
        "  kubectl release approve shop-dev-to-staging -n team --sign ~/.ssh/id_ed25519");
  }

  Program& program_;
  const std::function<Console()> console_;
  const std::shared_ptr<KubectlOptions> kubectl_;
  CLI::App& group_;
};

}  // namespace

void AddReleaseCommands(Program& program, const std::function<Console()>& console) {
  Registering release(program, console);
  ApproveOptions reject;
  reject.decision = "reject";
  release.Add("why", "Say what a gate waits for, and when that changes", AddWhy, RunWhy);
  release.Add("approve", "Approve the artifact that a gate is about", AddApprove, RunApprove);
  release.Add("reject", "Reject the artifact that a gate is about, for good", AddReject, RunApprove, reject);
  release.Add("status", "Show environments, artifacts and gates", AddStatus, RunStatus);
  release.Add("history", "Show the attempts of a gate, or what ran where in a pipeline", AddHistory,
              RunHistory);
  release.Add("audit", "Check a gate's audit trail and the signatures in it", AddAudit, RunAuditGate);
  release.Add("report", "Make one HTML page of the pipelines and gates", AddReport, RunReportCluster);
}

}  // namespace cli
