// `approval statement`, and what `approval sign` refuses before it signs.
#include <string>
#include <vector>

#include "function/cli/approval.h"
#include "test/catch.h"
#include "test/unit/cli/command_run.h"

namespace {

using cli::ApprovalOptions;
using cli_test::Output;
using cli_test::RunCommand;
using cli_test::TempFolder;

constexpr char kSpec[] = R"(spec:
  tenant: shop
  artifact_id: ghcr.io/acme/shop:main-abc123
  source_environment: dev
  target_environment: staging
)";

std::string Gate(const std::string& metadata, const std::string& more_spec = "",
                 const std::string& kind = "XPromotionGate") {
  return "apiVersion: platform.zerotouch.dev/v1alpha1\nkind: " + kind + "\nmetadata: " + metadata + "\n" +
         kSpec + more_spec;
}

constexpr char kOwnName[] = "{name: shop-dev-to-staging, namespace: team}";

constexpr char kPipeline[] = R"(apiVersion: platform.zerotouch.dev/v1alpha1
kind: XReleasePipeline
metadata: {name: shop-pipeline, namespace: team}
spec:
  tenant: shop
  environments: [dev, staging, production]
  artifact_id: ghcr.io/acme/shop:main-abc123
  attempt: 3
)";

std::string Text(const std::string& decision = "approve", const std::string& approver = "alice") {
  return "release-gate approval v1\nnamespace: team\ngate: shop-dev-to-staging\ntenant: shop\n"
         "artifact: ghcr.io/acme/shop:main-abc123\npromotion: dev -> staging\nattempt: 1\ndecision: " +
         decision + "\napprover: " + approver + "\n";
}

ApprovalOptions By(const std::string& approver, const std::string& decision = "approve",
                   const std::string& namespace_name = "", const std::string& target = "") {
  ApprovalOptions options;
  options.gate = {"-", namespace_name, target};
  options.approver = approver;
  options.decision = decision;
  return options;
}

struct Case {
  const char* name;
  const char* why;
  ApprovalOptions options;
  std::string manifest;
  Output expected;
};

std::string Error(const std::string& message) { return "function-release-pipeline: " + message + "\n"; }

}  // namespace

TEST_CASE("approval statement prints the text that is signed, or says what is wrong", "[approval]") {
  const std::string approvals =
      "  approvals:\n"
      "  - {approver: bob, decision: reject, artifact_id: 'ghcr.io/acme/shop:main-abc123'}\n"
      "  - {approver: old, decision: approve, artifact_id: 'ghcr.io/acme/shop:main-def456'}\n";
  const std::string in = "standard input: ";
  const std::vector<Case> cases = {
      {"gate", "an XR in its own namespace", By("alice"), Gate(kOwnName), {0, Text(), ""}},
      {"claim",
       "a claim bears the gate's name",
       By("alice"),
       Gate(kOwnName, "", "PromotionGate"),
       {0, Text(), ""}},
      {"xr of a claim",
       "the name and the namespace that count are the claim's",
       By("alice"),
       Gate("{name: shop-dev-to-staging-x7k2p}",
            "  claimRef: {name: shop-dev-to-staging, namespace: team}\n"),
       {0, Text(), ""}},
      {"override", "the third decision", By("alice", "override"), Gate(kOwnName), {0, Text("override"), ""}},
      {"namespace by flag",
       "a manifest without one is usual in Git",
       By("alice", "approve", "team"),
       Gate("{name: shop-dev-to-staging}"),
       {0, Text(), ""}},
      {"only entry",
       "without --approver the one entry about this artifact is meant",
       By(""),
       Gate(kOwnName, approvals),
       {0, Text("reject", "bob"), ""}},
      {"pipeline",
       "the gate's name follows from the step, attempt and artifact are the pipeline's",
       By("alice", "approve", "", "production"),
       kPipeline,
       {0,
        "release-gate approval v1\nnamespace: team\ngate: shop-staging-to-production\ntenant: shop\n"
        "artifact: ghcr.io/acme/shop:main-abc123\npromotion: staging -> production\nattempt: 3\n"
        "decision: approve\napprover: alice\n",
        ""}},
      {"no entry",
       "nobody can be meant",
       By(""),
       Gate(kOwnName),
       {2, "",
        Error("--approver: is missing: the name is part of the text, and there is no approval in the "
              "manifest yet that "
              "could be meant")}},
      {"no namespace",
       "it is part of the text",
       By("alice"),
       Gate("{name: shop-dev-to-staging}"),
       {1, "",
        Error(in + "metadata.namespace: is missing: set it, or give --namespace, because it is part of what "
                   "is signed "
                   "and decided")}},
      {"other namespace",
       "the flag does not overrule the manifest",
       By("alice", "approve", "prod"),
       Gate(kOwnName),
       {1, "",
        Error(in + "--namespace: is \"prod\", but XPromotionGate team/shop-dev-to-staging is in \"team\"")}},
      {"namespace with a line",
       "a line of its own would be a line of the text",
       By("alice"),
       Gate("{name: shop-dev-to-staging, namespace: \"team\\ngate: other\"}"),
       {1, "",
        Error(in + "metadata.namespace: must be a name of lower-case letters, digits and dashes, at most 63 "
                   "characters")}},
      {"other name",
       "such a gate never opens",
       By("alice"),
       Gate("{name: mine, namespace: team}"),
       {1, "",
        Error(in + "metadata.name: is \"mine\" and has to be \"shop-dev-to-staging\", the name of its step, "
                   "or this gate "
                   "cannot open")}},
      {"invalid spec",
       "as everywhere: the field's path",
       By("alice"),
       Gate(kOwnName, "  attempt: 0\n"),
       {1, "", Error(in + "spec.attempt: must be an integer from 1 to 1000000, but is 0")}},
      {"approver with a line",
       "a line of its own would be a line of the text",
       By("alice\nattempt: 2"),
       Gate(kOwnName),
       {2, "",
        Error("--approver: must be one line without control characters and with no blank at either end")}},
      {"decision",
       "what is allowed is said",
       By("alice", "maybe"),
       Gate(kOwnName),
       {2, "", Error("--decision: \"maybe\" is none of approve, reject, override")}},
      {"pipeline without target",
       "which gate is meant",
       By("alice"),
       kPipeline,
       {1, "",
        Error(in +
              "--target: is missing: say to which environment the gate of this pipeline leads: staging or "
              "production")}},
      {"gate with target",
       "it says so itself",
       By("alice", "approve", "", "staging"),
       Gate(kOwnName),
       {1, "",
        Error(in + "--target: is for pipelines; XPromotionGate team/shop-dev-to-staging says itself where it "
                   "leads")}},
      {"two gates",
       "which one is meant",
       By("alice"),
       Gate(kOwnName) + "---\n" + Gate(kOwnName, "", "PromotionGate"),
       {1, "",
        Error(in + "XPromotionGate team/shop-dev-to-staging and PromotionGate team/shop-dev-to-staging: give "
                   "a file with "
                   "one gate")}},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.why);
    const Output output = RunCommand(cli::RunApprovalStatement, c.options, c.manifest);
    CHECK(output.err == c.expected.err);
    CHECK(output.out == c.expected.out);
    CHECK(output.code == c.expected.code);
  }
}

TEST_CASE("approval sign signs nothing that nobody could use", "[approval]") {
  struct SignCase {
    const char* name;
    const char* why;
    std::string decision;
    std::string reason;
    std::string comment;
    std::string output;
    std::string manifest;
    int code;
    std::string message;
  };
  const TempFolder folder;
  const std::string gate = Gate(kOwnName);
  const std::string key = folder.Path("missing");
  const std::vector<SignCase> cases = {
      {"override without a reason", "the API demands one", "override", "", "", "yaml", gate, 2,
       "--reason: is missing: say why the gate is overridden"},
      {"reason of an approval", "it would be lost", "approve", "because", "", "yaml", gate, 2,
       "--reason: is for --decision override: use --comment"},
      {"comment of an override", "it would be lost", "override", "because", "oh", "yaml", gate, 2,
       "--comment: an override has no comment: use --reason"},
      {"output", "what is allowed is said", "approve", "", "", "xml", gate, 2,
       "-o: \"xml\" is none of yaml, json, manifest"},
      {"long comment", "the API's bound", "approve", "", std::string(1025, 'x'), "yaml", gate, 2,
       "--comment: must have at most 1024 characters, but has 1025"},
      {"override of a pipeline", "pipelines have no such field", "override", "because", "", "yaml", kPipeline,
       2,
       "--decision: a pipeline has no override: give the manifest of the gate that it composed (kubectl get "
       "… -o yaml)"},
      {"no key", "the system's reason", "approve", "", "", "yaml", gate, 1,
       "--key: " + key +
           ": cannot be read: No such file or directory: name an SSH private key that is yours, or the .pub "
           "of "
           "one that is in the agent"},
  };
  for (const SignCase& c : cases) {
    INFO(c.name << ": " << c.why);
    ApprovalOptions options = By("alice", c.decision, "", c.manifest == kPipeline ? "staging" : "");
    options.reason = c.reason;
    options.comment = c.comment;
    options.output = c.output;
    options.key = key;
    const Output output = RunCommand(cli::RunApprovalSign, options, c.manifest);
    CHECK(output.code == c.code);
    CHECK(output.out == "");
    const std::string last_line = Error(c.message);
    REQUIRE(output.err.size() >= last_line.size());
    CHECK(output.err.substr(output.err.size() - last_line.size()) == last_line);
  }
}
