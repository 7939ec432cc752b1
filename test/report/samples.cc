#include "test/report/samples.h"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "function/manifest/status.h"
#include "function/release/approval.h"
#include "function/release/gate.h"
#include "test/support/cluster.h"
#include "test/unit/release/ssh_signer.h"

namespace test {
namespace {

using base::Json;

void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
}

// A team's namespace, and those who write into it.
class Team {
 public:
  Team(std::string namespace_name, ClusterOptions options)
      : cluster(std::move(options)), namespace_name_(std::move(namespace_name)) {}

  Ref Pipeline(const std::string& tenant) const {
    return {release::kApiVersion, cluster.PipelineKind(), namespace_name_, tenant + "-pipeline"};
  }
  Ref Gate(const std::string& name) const {
    return {release::kApiVersion, cluster.GateKind(), namespace_name_, name};
  }

  // The pipeline's spec in Git, changed by a merge patch.
  void Git(const std::string& tenant, const Json& patch) {
    Json& spec = specs_[tenant];
    if (spec.is_null()) spec = {{"tenant", tenant}, {"environments", {"dev", "staging", "production"}}};
    spec.merge_patch(patch);
    Apply(Pipeline(tenant), spec, "git");
  }

  void Apply(const Ref& ref, const Json& spec, const std::string& manager) {
    Must(cluster.api().Apply({{"apiVersion", ref.api_version},
                              {"kind", ref.kind},
                              {"metadata", {{"name", ref.name}, {"namespace", ref.namespace_name}}},
                              {"spec", spec}},
                             manager, /*force=*/true));
    cluster.Settle();
  }

  // A gate that a pipeline script made.
  void Script(const std::string& tenant, const std::string& source, const std::string& target, Json spec) {
    spec["tenant"] = tenant;
    spec["source_environment"] = source;
    spec["target_environment"] = target;
    Apply(Gate(absl::StrCat(tenant, "-", source, "-to-", target)), spec, "script");
  }

  void Approve(const std::string& gate, const std::string& who, const std::string& artifact,
               const std::string& comment = "", const std::string& decision = "approve",
               const std::string& signature = "") {
    Json entry = {{"approver", who}, {"decision", decision}, {"artifact_id", artifact}, {"attempt", 1}};
    if (!comment.empty()) entry["comment"] = comment;
    if (!signature.empty()) entry["signature"] = signature;
    Apply(Gate(gate), {{"approvals", Json::array({entry})}}, who);
  }

  void Report(const std::string& gate, const std::string& check, const std::string& state,
              const std::string& artifact, const std::string& message, const std::string& url) {
    Apply(Gate(gate),
          {{"checks", Json::array({{{"name", check},
                                    {"state", state},
                                    {"artifact_id", artifact},
                                    {"attempt", 1},
                                    {"message", message},
                                    {"url", url}}})}},
          "ci");
  }

  // What kubectl would print of these kinds, sorted as it sorts.
  Json Export(const std::function<bool(const Ref&)>& is_wanted) const {
    Json items = Json::array();
    for (const Ref& ref : cluster.api().List()) {
      if (is_wanted(ref)) items.push_back(*cluster.api().Get(ref));
    }
    return {
        {"apiVersion", "v1"}, {"kind", "List"}, {"metadata", {{"resourceVersion", ""}}}, {"items", items}};
  }

  Cluster cluster;

 private:
  std::string namespace_name_;
  std::map<std::string, Json> specs_;  // by tenant
};

ClusterOptions Options(release::Flavour flavour) {
  ClusterOptions options;
  options.flavour = flavour;
  options.input = {{"pollInterval", "30m"}, {"heartbeat", "6h"}};
  return options;
}

std::string Image(const std::string& tenant, const std::string& sha) {
  return absl::StrCat("ghcr.io/acme/", tenant, ":main-", sha);
}

Json Rule(const std::string& name, const std::vector<std::string>& approvers) {
  return {{"name", name}, {"approvers", approvers}, {"required", 1}};
}

// With a quorum, checks, a soak and a window before production.
void DeclareCheckout(Team& team) {
  const Json window = {{"name", "office hours"},
                       {"days", {"Mon", "Tue", "Wed", "Thu"}},
                       {"start", "09:00"},
                       {"end", "16:00"},
                       {"time_zone", "Europe/Berlin"}};
  team.Git(
      "checkout",
      {{"promotionPolicies",
        {{"dev_to_staging", {{"approvals", {Rule("developers", {"alice@example.org", "bob@example.org"})}}}},
         {"staging_to_production",
          {{"approvals",
            {Rule("release managers", {"dana@example.org", "erin@example.org"}),
             Rule("security", {"frank@example.org"})}},
           {"forbid_self_approval", true},
           {"soak_hours", 4},
           {"required_checks", {"e2e"}},
           {"windows", Json::array({window})},
           {"override_approvers", {"dana@example.org"}},
           {"timeout_hours", 24}}}}},
       {"requested_by", "alice@example.org"}});
}

constexpr char kToStaging[] = "checkout-dev-to-staging";
constexpr char kToProduction[] = "checkout-staging-to-production";

void Release(Team& team, const std::string& sha) {
  team.Git("checkout", {{"artifact_id", Image("checkout", sha)}});
}

void ReportE2e(Team& team, const std::string& sha, const std::string& state, const std::string& message) {
  team.Report(kToProduction, "e2e", state, Image("checkout", sha), message,
              "https://ci.example.org/checkout/e2e/" + sha);
}

// Monday: released as it should be. Tuesday: rejected.
void TellTheFirstDays(Team& team) {
  const std::string first = Image("checkout", "1a2b3c4");
  Release(team, "1a2b3c4");
  team.cluster.Advance(absl::Minutes(25));
  team.Approve(kToStaging, "alice@example.org", first, "Ran it on dev, looks right.");
  team.cluster.Advance(absl::Hours(2));
  ReportE2e(team, "1a2b3c4", "success", "212 of 212 passed");
  team.Approve(kToProduction, "dana@example.org", first);
  team.Approve(kToProduction, "frank@example.org", first, "No new findings.");
  team.cluster.Advance(absl::Hours(24));
  Release(team, "2b3c4d5");
  team.cluster.Advance(absl::Minutes(50));
  team.Approve(kToStaging, "bob@example.org", Image("checkout", "2b3c4d5"),
               "The migration locks the orders table.", "reject");
}

// Wednesday: nobody approved in time. Friday: out of hours, the glass is broken for an outage.
void TellTheHardDays(Team& team) {
  team.cluster.Advance(absl::Hours(20));
  Release(team, "3c4d5e6");
  team.cluster.Advance(absl::Minutes(30));
  team.Approve(kToStaging, "alice@example.org", Image("checkout", "3c4d5e6"));
  ReportE2e(team, "3c4d5e6", "success", "212 of 212 passed");
  team.cluster.Advance(absl::Hours(50));
  const std::string fix = Image("checkout", "4d5e6f7");
  Release(team, "4d5e6f7");
  team.Approve(kToStaging, "bob@example.org", fix, "The fix for the outage.");
  team.cluster.Advance(absl::Minutes(12));
  team.Apply(team.Gate(kToProduction),
             {{"override",
               {{"by", "dana@example.org"},
                {"reason", "INC-4711: checkout is down, this is the fix"},
                {"artifact_id", fix},
                {"attempt", 1}}}},
             "dana@example.org");
}

// Monday again: half of what it takes is there.
void TellToday(Team& team) {
  team.cluster.Advance(absl::Hours(66));
  const std::string next = Image("checkout", "5e6f7a8");
  Release(team, "5e6f7a8");
  team.cluster.Advance(absl::Minutes(40));
  team.Approve(kToStaging, "alice@example.org", next, "Small change, tests are green.");
  team.cluster.Advance(absl::Minutes(35));
  team.Approve(kToProduction, "frank@example.org", next, "Dependencies checked.");
  team.Approve(kToProduction, "alice@example.org", next, "I would like to see this out today.");
  team.Approve(kToProduction, "erin@example.org", Image("checkout", "4d5e6f7"));
  ReportE2e(team, "5e6f7a8", "failure", "2 of 214 failed: refunds");
}

// Without an own script nobody drives it: its gates are made by hand.
void TellSearch(Team& team) {
  team.Git("search", {{"environments", {"dev", "production"}}});
  team.Script("search", "dev", "production",
              {{"artifact_id", Image("search", "77aa88b")}, {"timeout_hours", 8}});
  team.cluster.Advance(absl::Hours(1));
  team.Approve("search-dev-to-production", "gina@example.org", Image("search", "77aa88b"));
}

// Somebody with rights to both copies makes himself the approver.
void AlterTrails(Team& team) {
  const auto alter = [](std::vector<release::AuditEntry> trail) {
    for (release::AuditEntry& entry : trail) {
      if (entry.action == "ApprovedBy") entry.actor = "mallory@example.org";
    }
    return trail;
  };
  const Ref gate = team.Gate("search-dev-to-production");
  Must(team.cluster.api().Edit(team.cluster.XrOf(gate), "mallory#status", [&](Json& object) {
    Json& audit = object["status"]["audit"];
    audit = manifest::AuditToJson(alter(manifest::AuditFromJson(audit)));
  }));
  Must(team.cluster.api().Edit({"v1", "ConfigMap", gate.namespace_name, gate.name + "-gate"}, "mallory",
                               [&](Json& object) {
                                 std::string lines = object["data"]["audit.jsonl"];
                                 object["data"]["audit.jsonl"] =
                                     manifest::AuditToJsonLines(alter(manifest::AuditFromJsonLines(lines)));
                               }));
}

Json Strings(std::initializer_list<const char*> names) {
  Json list = Json::array();
  for (const char* name : names) list.push_back(name);
  return list;
}

// Small, without staging, and done.
void TellPayments(Team& team) {
  team.Git(
      "payments",
      {{"environments", Strings({"dev", "production"})},
       {"promotionRules", {{"dev_to_production", "automatic"}}},
       {"artifact_id",
        "ghcr.io/acme/payments@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}});
}

}  // namespace

Sample Shop(release::Flavour flavour) {
  Team team("shop", Options(flavour));
  DeclareCheckout(team);
  TellTheFirstDays(team);
  TellSearch(team);
  TellPayments(team);
  TellTheHardDays(team);
  team.Git("catalog", {{"artifact_id", nullptr}});
  TellToday(team);
  team.Script("legacy", "dev", "staging",
              {{"artifact_id", Image("legacy", "0f0f0f0")}, {"approval_required", false}});
  AlterTrails(team);
  const bool is_claims = flavour == release::Flavour::kClaims;
  return {is_claims ? "claims" : "shop", team.Export([](const Ref& ref) {
            return ref.kind == "ConfigMap" || ref.kind == release::kPipelineKind ||
                   ref.kind == release::kGateKind;
          }),
          "", ""};
}

Sample Quiet() {
  ClusterOptions options = Options(release::Flavour::kNamespaced);
  options.audit_key = "the key of the quiet cluster";
  Team team("bank", options);
  const release::SshSigner carol('c');
  const std::string signers = carol.Line("carol@example.org");
  const std::string artifact = Image("ledger", "c0ffee1");
  const Json policy = {{"approvals", {Rule("owners", {"carol@example.org"})}}, {"require_signatures", true}};
  team.Git("ledger", {{"promotionPolicies", {{"dev_to_staging", policy}, {"staging_to_production", policy}}},
                      {"allowed_signers", signers + "\n"},
                      {"artifact_id", artifact},
                      {"requested_by", "heidi@example.org"}});
  for (const auto& [source, target] : {std::pair{"dev", "staging"}, std::pair{"staging", "production"}}) {
    team.cluster.Advance(absl::Hours(3));
    const std::string gate = absl::StrCat("ledger-", source, "-to-", target);
    release::Subject subject{"bank", gate, "ledger", artifact, source, target, 1};
    team.Approve(gate, "carol@example.org", artifact, "", "approve",
                 carol.Sign(release::ApprovalStatement(subject, "approve", "carol@example.org")));
  }
  team.cluster.Advance(absl::Hours(1));
  return {"quiet", team.Export([](const Ref& ref) {
            return ref.kind == "ConfigMap" || ref.kind == release::kPipelineKind ||
                   ref.kind == release::kGateKind;
          }),
          signers + "\n", options.audit_key};
}

Sample Fresh() {
  const Json pipeline = {{"apiVersion", release::kApiVersion},
                         {"kind", release::kPipelineKind},
                         {"metadata", {{"name", "web-pipeline"}, {"namespace", "team"}}},
                         {"spec", {{"tenant", "web"}, {"environments", {"dev", "staging"}}}}};
  const Json gate = {{"apiVersion", release::kApiVersion},
                     {"kind", release::kGateKind},
                     {"metadata", {{"name", "web-dev-to-staging"}, {"namespace", "team"}}},
                     {"spec",
                      {{"tenant", "web"},
                       {"artifact_id", Image("web", "abc1234")},
                       {"source_environment", "dev"},
                       {"target_environment", "staging"}}}};
  return {"fresh", {{"apiVersion", "v1"}, {"kind", "List"}, {"items", {pipeline, gate}}}, "", ""};
}

std::vector<Sample> AllSamples() {
  return {Shop(release::Flavour::kNamespaced), Shop(release::Flavour::kClaims), Quiet(), Fresh()};
}

}  // namespace test
