// `approval verify`: the whole report, with and without the files that say who may approve.
#include <string>
#include <vector>

#include "function/cli/approval_verify.h"
#include "test/catch.h"
#include "test/unit/cli/command_run.h"

namespace {

using cli_test::Output;
using cli_test::RunCommand;
using cli_test::TempFolder;

std::string Gate(const std::string& more_spec) {
  return "apiVersion: platform.zerotouch.dev/v1alpha1\nkind: XPromotionGate\n"
         "metadata: {name: shop-dev-to-staging, namespace: team}\n"
         "spec:\n"
         "  tenant: shop\n"
         "  artifact_id: ghcr.io/acme/shop:main-abc123\n"
         "  source_environment: dev\n"
         "  target_environment: staging\n" +
         more_spec;
}

std::string Entry(const std::string& approver, const std::string& decision = "approve",
                  const std::string& sha = "abc123", int attempt = 1) {
  return "  - {approver: \"" + approver + "\", decision: " + decision +
         ", artifact_id: 'ghcr.io/acme/shop:main-" + sha + "', attempt: " + std::to_string(attempt) + "}\n";
}

constexpr char kOverride[] =
    "  override: {by: oscar, reason: the shop is down, artifact_id: 'ghcr.io/acme/shop:main-abc123'}\n";

constexpr char kPipeline[] = R"(apiVersion: platform.zerotouch.dev/v1alpha1
kind: XReleasePipeline
metadata: {name: shop-pipeline, namespace: team}
spec:
  tenant: shop
  environments: [dev, staging]
  promotionPolicies:
    dev_to_staging:
      approvals:
      - {name: owners, approvers: [alice, bob], required: 1}
      override_approvers: [oscar]
)";

constexpr char kInput[] = R"(apiVersion: release.fn.zerotouch.dev/v1beta1
kind: Input
policy:
  dev_to_staging:
    require_signatures: true
    override_approvers: []
)";

constexpr char kHead[] =
    "gate team/shop-dev-to-staging: ghcr.io/acme/shop:main-abc123, dev -> staging, attempt 1\n";
constexpr char kNoPipeline[] = "· without --pipeline: the pipeline's rules and signers are not known here\n";
constexpr char kNoInput[] = "· without --input: what the platform demands is not known here\n";

struct Case {
  const char* name;
  const char* why;
  std::string gate;
  std::string pipeline;
  std::string input;
  int code;
  std::string out;
};

}  // namespace

TEST_CASE("approval verify says of each entry whether it counts", "[approval]") {
  const std::string head = kHead;
  const std::vector<Case> cases = {
      {"alone", "anyone who is named, as far as the gate itself says", Gate("  approvals:\n" + Entry("zoe")),
       "", "", 0,
       head + "✓ zoe  approve   not signed: counts for rule \"anyone\"\n" + kNoPipeline + kNoInput +
           "sufficient: 1 of 1 approval: \"zoe\"\n"},
      {"none", "what is missing is said", Gate(""), kPipeline, "", 1,
       head + kNoInput +
           "not sufficient: 0 of 1 approval, missing: 1 by rule \"owners\" (\"alice\", \"bob\")\n"},
      {"rules", "each entry and why it does not count",
       Gate("  approvals:\n" + Entry("alice") + Entry("bob", "approve", "def456") + Entry("carol") +
            Entry("dave", "reject", "abc123", 2)),
       kPipeline, "", 0,
       head + "✓ alice  approve   not signed: counts for rule \"owners\"\n" +
           "✗ bob    approve   OtherArtifact: it is for ghcr.io/acme/shop:main-def456, and the gate is about "
           "ghcr.io/acme/shop:main-abc123\n"
           "✗ carol  approve   NotAnApprover: no rule has this name among its approvers: ask somebody whom a "
           "rule names\n"
           "✗ dave   reject    OtherAttempt: it is for attempt 2, and the gate is at attempt 1\n" +
           kNoInput + "sufficient: 1 of 1 approval: \"alice\"\n"},
      {"reject", "an eligible reject ends it, whoever approved",
       Gate("  approvals:\n" + Entry("alice") + Entry("bob", "reject")), kPipeline, "", 1,
       head + "✓ alice  approve   not signed: counts for rule \"owners\"\n" +
           "✓ bob    reject    not signed: closes the gate\n" + kNoInput +
           "not sufficient: rejected by \"bob\"\n"},
      {"override", "it waives approvals", Gate(kOverride), kPipeline, "", 0,
       head + "✓ oscar  override  not signed: waives Checks, Soak, Window and Approvals: the shop is down\n" +
           kNoInput +
           "sufficient: overridden by \"oscar\" (0 of 1 approval, missing: 1 by rule \"owners\" (\"alice\", "
           "\"bob\"))\n"},
      {"override and reject", "a reject is stronger",
       Gate(kOverride + ("  approvals:\n" + Entry("bob", "reject"))), kPipeline, "", 1,
       head + "✓ bob    reject    not signed: closes the gate\n" +
           "✓ oscar  override  not signed: waives Checks, Soak, Window and Approvals: the shop is down\n" +
           kNoInput + "not sufficient: rejected by \"bob\"\n"},
      {"platform", "what it demands the pipeline cannot take back",
       Gate(kOverride + ("  approvals:\n" + Entry("alice"))), kPipeline, kInput, 1,
       head +
           "✗ alice  approve   SignatureMissing: a signature is required: make one with `approval sign`, or "
           "approve with --sign KEY\n" +
           "✗ oscar  override  OverrideNotAllowed: this name is not among override_approvers: ask one of "
           "them\n" +
           "not sufficient: 0 of 1 approval, missing: 1 by rule \"owners\" (\"alice\", \"bob\")\n"},
      {"hostile names", "a name steers no terminal: U+202E and U+009B are blanks",
       Gate("  approvals:\n" + Entry("ev\\u202Eil\\u009B")), "", "", 0,
       head + "✓ ev il   approve   not signed: counts for rule \"anyone\"\n" + kNoPipeline + kNoInput +
           "sufficient: 1 of 1 approval: \"ev il \"\n"},
  };
  const TempFolder folder;
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.why);
    cli::ApprovalVerifyOptions options;
    options.gate.file = folder.Write("gate.yaml", c.gate);
    if (!c.pipeline.empty()) options.pipeline = folder.Write("pipeline.yaml", c.pipeline);
    if (!c.input.empty()) options.input = folder.Write("input.yaml", c.input);
    options.now = "2026-01-02T12:00:00Z";
    const Output output = RunCommand(cli::RunApprovalVerify, options);
    CHECK(output.err == "");
    CHECK(output.out == c.out);
    CHECK(output.code == c.code);
  }
}

TEST_CASE("approval verify ends with 2 for what cannot be read", "[approval]") {
  struct ErrorCase {
    const char* name;
    const char* why;
    cli::ApprovalVerifyOptions options;
    std::string message;
  };
  const TempFolder folder;
  const std::string gate = folder.Write("gate.yaml", Gate(""));
  const std::string pipeline = folder.Write("pipeline.yaml", kPipeline);
  const std::string other = folder.Write(
      "other.yaml", std::string(kPipeline).replace(std::string(kPipeline).find("shop-pipeline"), 13, "mine"));
  const std::string signers = folder.Write("signers", "alice ssh-ed25519 AAAA!\n");
  const std::vector<ErrorCase> cases = {
      {"missing",
       "there is no such file",
       {{folder.Path("no.yaml")}},
       folder.Path("no.yaml") + ": cannot be read: No such file or directory"},
      {"no gate",
       "a pipeline that does not drive composes none",
       {{pipeline}},
       pipeline + ": spec.artifact_id: is missing, so that this pipeline composes no gates: give the gate's "
                  "own manifest"},
      {"other pipeline",
       "its rules are not this gate's",
       {{gate}, other},
       "--pipeline: " + other +
           ": metadata.name: is \"mine\", but the gate's pipeline is \"shop-pipeline\": give that one"},
      {"input",
       "a file without one",
       {{gate}, "", pipeline},
       "--input: " + pipeline +
           ": has no Input of release.fn.zerotouch.dev/v1beta1, nor a Composition that has one"},
      {"signers",
       "which line, and what is wrong with it",
       {{gate}, "", "", signers},
       "--allowed-signers: " + signers + ": line 1: the key is not base64"},
      {"time",
       "the flag is named",
       {{gate}, "", "", "", "noon"},
       "--now: \"noon\" is no RFC 3339 time: write it as 2026-01-02T15:04:05Z"},
      {"format",
       "what is allowed is said",
       {{gate}, "", "", "", "", "yaml"},
       "-o: \"yaml\" is none of text, json"},
  };
  for (const ErrorCase& c : cases) {
    INFO(c.name << ": " << c.why);
    const Output output = RunCommand(cli::RunApprovalVerify, c.options);
    CHECK(output.err == "function-release-pipeline: " + c.message + "\n");
    CHECK(output.out == "");
    CHECK(output.code == 2);
  }
}
