// `approval sign` with the real ssh-keygen: what it prints is what the function counts.
#include <spawn.h>
#include <sys/wait.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/clock.h"
#include "function/base/time.h"
#include "function/cli/approval.h"
#include "function/cli/approval_verify.h"
#include "function/cli/preview_render.h"
#include "function/cli/yaml.h"
#include "function/runner/run_function.h"
#include "test/catch.h"
#include "test/unit/cli/command_run.h"

extern char** environ;

namespace {

using base::Json;
using cli_test::Output;
using cli_test::RunCommand;
using cli_test::TempFolder;

constexpr char kNow[] = "2026-01-02T12:00:00Z";
constexpr char kArtifact[] = "ghcr.io/acme/shop:main-abc123";

void MakeKey(const TempFolder& folder, const std::string& name, const std::string& type,
             const std::string& bits) {
  std::vector<std::string> arguments = {"ssh-keygen", "-q", "-t", type, "-N",
                                        "",           "-C", "",   "-f", folder.Path(name)};
  if (!bits.empty()) arguments.insert(arguments.end(), {"-b", bits});
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  REQUIRE(posix_spawnp(&pid, argv[0], nullptr, nullptr, argv.data(), environ) == 0);
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  REQUIRE(status == 0);
}

Json Document(const std::string& yaml) {
  const absl::StatusOr<std::vector<Json>> documents = cli::ParseYaml(yaml, "output");
  REQUIRE(documents.ok());
  REQUIRE(documents->size() == 1);
  return documents->front();
}

Json Gate() {
  return {{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
          {"kind", "XPromotionGate"},
          {"metadata",
           {{"name", "shop-dev-to-staging"},
            {"namespace", "team"},
            {"creationTimestamp", "2026-01-02T11:00:00Z"}}},
          {"spec",
           {{"tenant", "shop"},
            {"artifact_id", kArtifact},
            {"source_environment", "dev"},
            {"target_environment", "staging"},
            {"requested_by", "rita"}}}};
}

Json Pipeline(const std::string& signers) {
  const Json rule = {{"name", "owners"}, {"approvers", {"alice"}}, {"required", 1}};
  const Json policy = {{"approvals", {rule}},
                       {"require_signatures", true},
                       {"forbid_self_approval", true},
                       {"override_approvers", {"alice"}}};
  return {{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
          {"kind", "XReleasePipeline"},
          {"metadata", {{"name", "shop-pipeline"}, {"namespace", "team"}}},
          {"spec",
           {{"tenant", "shop"},
            {"environments", {"dev", "staging"}},
            {"promotionPolicies", {{"dev_to_staging", policy}}},
            {"allowed_signers", signers}}}};
}

// The gate's status as the function decides it.
Json Decided(const Json& gate, const Json& pipeline) {
  cli::RenderInput input;
  input.xr = gate;
  input.required = {pipeline};
  const base::FixedClock clock(*base::ParseTime(kNow));
  const absl::StatusOr<cli::Rendered> rendered =
      cli::RenderComposite(input, [&](const std::string& request) -> absl::StatusOr<std::string> {
        std::string response;
        runner::RunSummary summary;
        const absl::Status status = runner::RunFunctionOnBytes(request, {clock}, &response, &summary);
        if (!status.ok()) return status;
        return response;
      });
  REQUIRE(rendered.ok());
  return rendered->xr["status"];
}

struct KeyKind {
  const char* type;
  const char* bits;
};

cli::ApprovalOptions SignOptions(const TempFolder& folder, const std::string& decision) {
  cli::ApprovalOptions options;
  options.gate.file = folder.Path("gate.yaml");
  options.approver = "alice";
  options.key = folder.Path("key");
  options.decision = decision;
  if (decision == "override") options.reason = "the shop is down";
  return options;
}

}  // namespace

TEST_CASE("what approval sign prints opens the gate", "[approval][ssh-keygen]") {
  for (const KeyKind& kind :
       std::vector<KeyKind>{{"ed25519", ""}, {"ecdsa", "256"}, {"ecdsa", "521"}, {"rsa", "2048"}}) {
    INFO(kind.type << " " << kind.bits);
    const TempFolder folder;
    MakeKey(folder, "key", kind.type, kind.bits);
    folder.Write("gate.yaml", cli::ToYaml(Gate()));
    const Json pipeline = Pipeline("alice namespaces=\"release-gate\" " + folder.Read("key.pub"));
    folder.Write("pipeline.yaml", cli::ToYaml(pipeline));

    for (const std::string decision : {"approve", "reject", "override"}) {
      INFO(decision);
      const Output output = RunCommand(cli::RunApprovalSign, SignOptions(folder, decision));
      INFO(output.err);
      REQUIRE(output.code == 0);
      CHECK(output.err.rfind(absl::StrCat(decision, " ", kArtifact, "\n"), 0) == 0);
      Json gate = Gate();
      gate["spec"].update(Document(output.out));

      const Json status = Decided(gate, pipeline);
      CHECK(status["gate_status"] == (decision == "reject" ? "rejected" : "approved"));
      CHECK(status["approver"] == "alice");
      const Json counted = {{{"approver", "alice"}, {"rule", "owners"}, {"signed", true}}};
      if (decision == "approve") CHECK(status["approvals"]["counted"] == counted);
      CHECK(status["approvals"]["ignored"] == Json::array());

      cli::ApprovalVerifyOptions verify;
      verify.gate.file = folder.Write("signed.yaml", cli::ToYaml(gate));
      verify.pipeline = folder.Path("pipeline.yaml");
      verify.now = kNow;
      CHECK(RunCommand(cli::RunApprovalVerify, verify).code == (decision == "reject" ? 1 : 0));

      // The same signature about another artifact: bound to the one that was signed.
      gate["spec"]["artifact_id"] = "ghcr.io/acme/shop:main-def456";
      CHECK(Decided(gate, pipeline)["gate_status"] == "pending");
    }
  }
}

TEST_CASE("a signature counts for nothing but what was signed", "[approval][ssh-keygen]") {
  const TempFolder folder;
  MakeKey(folder, "key", "ed25519", "");
  folder.Write("gate.yaml", cli::ToYaml(Gate()));
  const std::string signers = folder.Write("signers", "alice,mallory " + folder.Read("key.pub"));
  const Output output = RunCommand(cli::RunApprovalSign, SignOptions(folder, "approve"));
  REQUIRE(output.code == 0);
  const Json entry = Document(output.out)["approvals"][0];

  struct Case {
    const char* name;
    const char* why;
    const char* field;
    Json value;
    const char* reason;
  };
  const std::vector<Case> cases = {
      {"as signed", "the base of the others", "comment", "read it", ""},
      {"approver", "the name is in the text", "approver", "mallory", "SignatureInvalid"},
      {"decision", "so is the decision", "decision", "reject", "SignatureInvalid"},
      {"artifact", "an entry for another artifact", "artifact_id", "ghcr.io/acme/shop:main-def456",
       "OtherArtifact"},
      {"attempt", "an entry for another attempt", "attempt", 2, "OtherAttempt"},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.why);
    Json gate = Gate();
    gate["spec"]["approvals"] = Json::array({entry});
    gate["spec"]["approvals"][0][c.field] = c.value;
    cli::ApprovalVerifyOptions options;
    options.gate.file = folder.Write("changed.yaml", cli::ToYaml(gate));
    options.allowed_signers = signers;
    options.now = kNow;
    options.output = "json";
    const Output verified = RunCommand(cli::RunApprovalVerify, options);
    const Json line = Json::parse(verified.out)["approvals"][0];
    CHECK(line["reason"] == c.reason);
    CHECK(line["counted"] == (std::string(c.reason).empty()));
    CHECK(verified.code == (std::string(c.reason).empty() ? 0 : 1));
  }
}

TEST_CASE("approval sign prints a partial manifest with the own entry alone", "[approval][ssh-keygen]") {
  struct Case {
    const char* name;
    const char* why;
    Json object;
    std::string target;
    Json identity;  // kind, name and namespace
    Json entry;     // without the signature
  };
  const Json approval = {
      {"approver", "alice"}, {"decision", "approve"}, {"artifact_id", kArtifact}, {"attempt", 1}};
  Json xr_of_claim = Gate();
  xr_of_claim["metadata"] = {{"name", "shop-dev-to-staging-x7k2p"}};
  xr_of_claim["spec"]["claimRef"] = {{"name", "shop-dev-to-staging"}, {"namespace", "team"}};
  Json others = Gate();
  others["spec"]["approvals"] = Json::array({approval});
  others["spec"]["approvals"][0]["approver"] = "bob";
  Json pipeline = Pipeline("");
  pipeline["spec"].erase("allowed_signers");
  pipeline["spec"].erase("promotionPolicies");
  pipeline["spec"]["artifact_id"] = kArtifact;
  Json for_target = approval;
  for_target["target_environment"] = "staging";
  const std::vector<Case> cases = {
      {"gate",
       "the entries of others are theirs",
       others,
       "",
       {"XPromotionGate", "shop-dev-to-staging", "team"},
       approval},
      {"xr of a claim",
       "Crossplane copies the claim's spec over the XR's",
       xr_of_claim,
       "",
       {"PromotionGate", "shop-dev-to-staging", "team"},
       approval},
      {"pipeline",
       "its entries say for which gate they are",
       pipeline,
       "staging",
       {"XReleasePipeline", "shop-pipeline", "team"},
       for_target},
  };
  const TempFolder folder;
  MakeKey(folder, "key", "ed25519", "");
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.why);
    folder.Write("gate.yaml", cli::ToYaml(c.object));
    cli::ApprovalOptions options = SignOptions(folder, "approve");
    options.gate.target = c.target;
    options.output = "manifest";
    const Output output = RunCommand(cli::RunApprovalSign, options);
    INFO(output.err);
    REQUIRE(output.code == 0);
    Json manifest = Document(output.out);
    CHECK(manifest["spec"]["approvals"][0]["signature"].get<std::string>().rfind(
              "-----BEGIN SSH SIGNATURE-----\n", 0) == 0);
    manifest["spec"]["approvals"][0].erase("signature");
    const Json expected = {{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
                           {"kind", c.identity[0]},
                           {"metadata", {{"name", c.identity[1]}, {"namespace", c.identity[2]}}},
                           {"spec", {{"approvals", Json::array({c.entry})}}}};
    CHECK(manifest == expected);
  }
}

TEST_CASE("approval sign says it where ssh-keygen does not sign", "[approval][ssh-keygen]") {
  const TempFolder folder;
  folder.Write("gate.yaml", cli::ToYaml(Gate()));
  folder.Write("key", "no key\n");
  const Output output = RunCommand(cli::RunApprovalSign, SignOptions(folder, "approve"));
  CHECK(output.code == 1);
  CHECK(output.out == "");
  CHECK(output.err.find("--key: " + folder.Path("key") + ": ssh-keygen did not sign (exit code ") !=
        std::string::npos);
}
