// `kubectl release approve` and `reject`, with a kubectl that only answers and the real ssh-keygen.
#include "function/cli/kubectl/approve.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "function/cli/process.h"
#include "function/cli/yaml.h"
#include "test/catch.h"
#include "test/unit/kubectl/fake.h"

namespace {

using base::Json;
using cli_test::Output;
using kubectl_test::Approval;
using kubectl_test::Decided;
using kubectl_test::FakeKubectl;
using kubectl_test::Gate;
using kubectl_test::Pipeline;
using kubectl_test::RunRelease;

cli::ApproveOptions Yes(const std::string& decision = "approve") {
  cli::ApproveOptions options;
  options.gate = "shop-dev-to-staging";
  options.decision = decision;
  options.yes = true;
  return options;
}

// A cluster in which the gate is `before` until something is applied, and `after` then.
void Fill(FakeKubectl& fake, const Json& before, const Json& after) {
  fake.AddApi();
  fake.Add({"^get .*managed-fields", before.dump()});
  fake.Add({"^(apply|patch) ", "xpromotiongate/shop-dev-to-staging"});
  fake.Add({"^get .*json", after.dump()});
}

bool HasApplied(const FakeKubectl& fake) {
  const std::vector<std::string> calls = fake.Calls();
  return std::any_of(calls.begin(), calls.end(), [](const std::string& call) {
    return absl::StartsWith(call, "apply") || absl::StartsWith(call, "patch");
  });
}

const std::string kShown = std::string("approve ") + kubectl_test::kArtifact +
                           "\n  for dev -> staging, gate team/shop-dev-to-staging, attempt 1, as alice\n";

TEST_CASE("what becomes of an approval", "[kubectl]") {
  const Json one_of_one = {{"approvals", {{{"name", "owners"}, {"approvers", {"alice"}}}}}};
  const auto with = [](const Json& entry) { return Gate({{"approvals", Json::array({entry})}}); };
  Json other = with(Approval("alice"));
  other["spec"]["artifact_id"] = kubectl_test::kOtherArtifact;
  struct Case {
    const char* reason;
    std::string decision;
    Json before, after;
    int code;
    const char* out;
  };
  const Case cases[] = {
      {"one of two", "approve", Decided(Gate(), Pipeline()), Decided(with(Approval("alice")), Pipeline()), 0,
       "✓ counted for rule \"owners\", not signed\n"
       "  gate team/shop-dev-to-staging is pending, and waits for Approvals (AwaitingApprovals)\n"},
      {"the last one", "approve", Decided(Gate(), Pipeline(one_of_one)),
       Decided(with(Approval("alice")), Pipeline(one_of_one)), 0,
       "✓ counted for rule \"owners\", not signed\n  gate team/shop-dev-to-staging is approved\n"},
      {"she is nobody", "approve",
       Decided(Gate(), Pipeline({{"approvals", {{{"name", "o"}, {"approvers", {"bob"}}}}}})),
       Decided(with(Approval("alice")), Pipeline({{"approvals", {{{"name", "o"}, {"approvers", {"bob"}}}}}})),
       1,
       "✗ ignored: NotAnApprover: no rule has this name among its approvers\n"
       "  gate team/shop-dev-to-staging is pending, and waits for Approvals (AwaitingApprovals)\n"
       "  next: ask somebody whom a rule names\n"},
      {"a signature is required", "approve", Decided(Gate(), Pipeline({{"require_signatures", true}})),
       Decided(with(Approval("alice")), Pipeline({{"require_signatures", true}})), 1,
       "✗ ignored: SignatureMissing: a signature is required\n"
       "  gate team/shop-dev-to-staging is pending, and waits for Approvals (AwaitingApprovals)\n"
       "  next: make one with `approval sign`, or approve with --sign KEY\n"},
      {"the gate went on to another artifact", "approve", Decided(Gate(), Pipeline()),
       Decided(other, Pipeline()), 1,
       "✗ does not count: the gate is about ghcr.io/acme/shop:main-def456, attempt 1, by now, and this entry "
       "is not\n"
       "  gate team/shop-dev-to-staging is pending, and waits for Approvals (AwaitingApprovals)\n"
       "  next: look at that first: kubectl release why shop-dev-to-staging -n team\n"},
      {"nobody looks at it", "approve", Decided(Gate(), Pipeline()), Decided(Gate(), Pipeline()), 3,
       "? applied: the gate has not looked at it yet\n  next: kubectl release why shop-dev-to-staging -n "
       "team\n"},
      {"it was decided meanwhile, the same way", "approve", Decided(Gate(), Pipeline()),
       Decided(Gate({{"approvals", {Approval("alice"), Approval("bob")}}}), Pipeline()), 0,
       "✓ counted for rule \"owners\", not signed\n  gate team/shop-dev-to-staging is approved\n"},
      {"it was rejected meanwhile", "approve", Decided(Gate(), Pipeline()),
       Decided(Gate({{"approvals", {Approval("bob", "reject")}}}), Pipeline()), 1,
       "✗ does not count: the gate was decided without it: rejected by bob\n"
       "  gate team/shop-dev-to-staging is rejected\n  next: raise spec.attempt to try again\n"},
      {"a reject", "reject", Decided(Gate(), Pipeline()),
       Decided(with(Approval("alice", "reject")), Pipeline()), 0,
       "✓ counted\n  gate team/shop-dev-to-staging is rejected\n"},
      {"a gate that was never looked at", "approve", Gate(), Decided(with(Approval("alice")), Pipeline()), 0,
       "✓ counted for rule \"owners\", not signed\n"
       "  gate team/shop-dev-to-staging is pending, and waits for Approvals (AwaitingApprovals)\n"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    FakeKubectl fake;
    Fill(fake, c.before, c.after);
    const Output output = RunRelease(cli::RunApprove, fake, Yes(c.decision));
    CHECK(output.out == c.out);
    CHECK(output.code == c.code);
    const Json applied = Json::parse(fake.Applied());
    CHECK(applied["spec"] == Json{{"approvals", {Approval("alice", c.decision)}}});
  }
}

TEST_CASE("an old word about the entry is not taken for the new one", "[kubectl]") {
  // Her approval of the artifact before is still in status as ignored.
  Json before = Gate({{"approvals", {Approval("alice", "approve", kubectl_test::kOtherArtifact)}}});
  before = Decided(before, Pipeline());
  FakeKubectl fake;
  fake.AddApi();
  fake.Add({"^get .*managed-fields", before.dump()});
  fake.Add({"^apply ", "x"});
  // A busy cluster: nine seconds of looks.
  for (int look = 0; look < 30; ++look) fake.Add({"^get .*json", before.dump(), 0, "", /*once=*/true});
  fake.Add({"^get .*json", Decided(Gate({{"approvals", {Approval("alice")}}}), Pipeline()).dump()});
  const Output output = RunRelease(cli::RunApprove, fake, Yes());
  CHECK(output.code == 0);
  CHECK_THAT(output.out, Catch::StartsWith("✓ counted"));
}

TEST_CASE("one that is right and not needed is no failure", "[kubectl]") {
  const Json policy = {{"approvals", {{{"name", "owners"}, {"approvers", {"alice", "bob"}}}}},
                       {"required_checks", {"unit"}}};
  const Json alices = Json::array({Approval("alice")});
  const Json both = {Approval("alice"), Approval("bob")};
  FakeKubectl fake;
  Fill(fake, Decided(Gate({{"approvals", alices}}), Pipeline(policy)),
       Decided(Gate({{"approvals", both}}), Pipeline(policy)));
  cli::ApproveOptions options = Yes();
  options.approver = "bob";
  const Output output = RunRelease(cli::RunApprove, fake, options);
  CHECK(output.code == 0);
  CHECK_THAT(output.out, Catch::StartsWith("✓ ignored: NotNeeded: right, but not needed\n"));
}

TEST_CASE("an entry that was there already is said at once", "[kubectl]") {
  const Json gate = Decided(Gate({{"approvals", {Approval("alice")}}}), Pipeline());
  FakeKubectl fake;
  Fill(fake, gate, gate);
  cli::ApproveOptions options = Yes();
  options.timeout = 0;
  CHECK(RunRelease(cli::RunApprove, fake, options).code == 0);
}

TEST_CASE("nothing is applied", "[kubectl]") {
  struct Case {
    const char* reason;
    Json gate;
    std::function<void(cli::ApproveOptions&)> change;
    int code;
    std::string err;
  };
  Json misnamed = Gate();
  misnamed["metadata"]["name"] = "shop-to-staging";
  Json wrong = Gate();
  wrong["spec"]["attempts"] = 2;
  const auto none = [](cli::ApproveOptions&) {};
  const auto final_gate = [](const Json& approvals, const std::string& now = kubectl_test::kNow) {
    return Decided(Gate({{"approvals", approvals}}), Pipeline(), now);
  };
  const Json both = {Approval("alice"), Approval("bob")};
  const Case cases[] = {
      {"approved already", final_gate(both), none, 0,
       "kubectl release: gate team/shop-dev-to-staging is approved already, for good: "
       "ghcr.io/acme/shop:main-abc123\n"
       "  next: nothing: it is as you want it\n"},
      {"too late to reject", final_gate(both), [](auto& options) { options.decision = "reject"; }, 1,
       "kubectl release: gate team/shop-dev-to-staging is approved already, for good: "
       "ghcr.io/acme/shop:main-abc123\n"
       "  next: stop what its approval let through, and release another artifact\n"},
      {"timed out", final_gate(Json::array(), "2026-01-04T12:00:00Z"), none, 1,
       "kubectl release: gate team/shop-dev-to-staging has timed out already, for good: "
       "ghcr.io/acme/shop:main-abc123\n"
       "  next: raise spec.attempt to try again\n"},
      {"another artifact than the one meant", Gate(),
       [](auto& options) { options.artifact = kubectl_test::kOtherArtifact; }, 4,
       "kubectl release: --artifact: gate team/shop-dev-to-staging is about ghcr.io/acme/shop:main-abc123, "
       "and not "
       "about ghcr.io/acme/shop:main-def456\n"
       "  next: look at it again: kubectl release why shop-dev-to-staging -n team\n"},
      {"a gate that cannot open", misnamed, none, 4,
       "kubectl release: gate team/shop-to-staging cannot open: the gate of its step is named "
       "shop-dev-to-staging\n"
       "  next: look at that one: kubectl release why shop-dev-to-staging -n team\n"},
      {"a gate that is not right", wrong, none, 4,
       "kubectl release: XPromotionGate team/shop-dev-to-staging: spec: has no field \"attempts\": remove "
       "it or correct its name\n"
       "  next: correct the gate's manifest, or use the version of this program that the cluster's gates are "
       "made "
       "for\n"},
      {"nobody to ask", Gate(), [](auto& options) { options.yes = false; }, 2,
       "kubectl release: there is no terminal to ask you on\n"
       "  next: give --yes, and with it --artifact ghcr.io/acme/shop:main-abc123, so that it is about no "
       "other one\n"},
      {"a key that is not there", Gate(), [](auto& options) { options.key = "/nowhere/key"; }, 4,
       kShown + "  the gate has not looked at this artifact and attempt yet\nthe text that is signed:\n"
                "  release-gate approval v1\n  namespace: team\n  gate: shop-dev-to-staging\n  tenant: shop\n"
                "  artifact: ghcr.io/acme/shop:main-abc123\n  promotion: dev -> staging\n  attempt: 1\n"
                "  decision: approve\n  approver: alice\n"
                "kubectl release: --sign: /nowhere/key: cannot be read: No such file or directory\n"
                "  next: name an SSH private key that is yours, or the .pub of one that is in the agent\n"},
      {"no name", Gate(), [](auto& options) { options.approver = " alice"; }, 2,
       "kubectl release: --as-approver: "},
      {"too long a comment", Gate(), [](auto& options) { options.comment = std::string(1025, 'c'); }, 2,
       "kubectl release: --comment: "},
      {"no format", Gate(), [](auto& options) { options.output = "yaml"; }, 2,
       "kubectl release: -o: \"yaml\" is no format\n  next: choose one of text, json\n"},
      {"no time", Gate(), [](auto& options) { options.timeout = -1; }, 2,
       "kubectl release: --timeout: must not be negative\n  next: give seconds, or 0 not to wait\n"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    FakeKubectl fake;
    Fill(fake, c.gate, c.gate);
    cli::ApproveOptions options = Yes();
    c.change(options);
    const Output output = RunRelease(cli::RunApprove, fake, options);
    CHECK(output.code == c.code);
    CHECK_THAT(output.err, Catch::StartsWith(c.err));
    CHECK(output.out.empty());
    CHECK_FALSE(HasApplied(fake));
  }
}

TEST_CASE("kubectl that does not say who one is", "[kubectl]") {
  struct Case {
    const char* reason;
    FakeKubectl::Answer whoami;
    const char* err;
  };
  const Case cases[] = {
      {"an old kubectl",
       {"^auth", "", 1, "error: unknown command \"whoami\" for \"kubectl auth\"\n"},
       "kubectl release: the cluster does not say who you are: unknown command \"whoami\" for \"kubectl "
       "auth\"\n"
       "  next: give your name with --as-approver (kubectl auth whoami takes kubectl 1.28 or newer)\n"},
      {"an old cluster",
       {"^auth", "", 1, "error: the selfsubjectreviews API is not enabled in the cluster\n"},
       "kubectl release: the cluster does not say who you are: the selfsubjectreviews API is not enabled in "
       "the "
       "cluster\n  next: give your name with --as-approver (kubectl auth whoami takes kubectl 1.28 or "
       "newer)\n"},
      {"an answer without a name",
       {"^auth", "{}"},
       "kubectl release: the cluster does not say who you are\n"
       "  next: give your name with --as-approver (kubectl auth whoami takes kubectl 1.28 or newer)\n"},
      {"a cluster that is gone by now",
       {"^auth", "", 1, "Unable to connect to the server: EOF\n"},
       "kubectl release: Unable to connect to the server: EOF\n"
       "  next: see that the cluster is up and that this is the right one: kubectl config current-context\n"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    FakeKubectl fake;
    fake.Add(c.whoami);
    Fill(fake, Gate(), Gate());
    const Output output = RunRelease(cli::RunApprove, fake, Yes());
    CHECK(output.code == 4);
    CHECK(output.err == c.err);
    CHECK_FALSE(HasApplied(fake));
  }
}

TEST_CASE("asking", "[kubectl]") {
  struct Case {
    const char* answer;
    bool applies;
  };
  const Case cases[] = {{"y\n", true},  {"Yes\n", true}, {" y \n", true}, {"y", true},
                        {"n\n", false}, {"\n", false},   {"", false},     {"yep\n", false}};
  for (const Case& c : cases) {
    INFO("\"" << c.answer << "\"");
    FakeKubectl fake;
    Fill(fake, Gate(), Decided(Gate({{"approvals", {Approval("alice")}}}), Pipeline()));
    cli::ApproveOptions options = Yes();
    options.yes = false;
    const Output output = RunRelease(cli::RunApprove, fake, options, {c.answer, /*can_ask=*/true});
    CHECK(output.code == (c.applies ? 0 : 1));
    CHECK(HasApplied(fake) == c.applies);
    CHECK_THAT(output.err, Catch::StartsWith(kShown));
    CHECK_THAT(output.err, Catch::Contains("Approve this artifact? [y/N] "));
    if (!c.applies) CHECK_THAT(output.err, Catch::EndsWith("nothing was applied\n"));
  }
}

std::string MakeKey(const FakeKubectl& fake) {
  const std::string key = fake.folder().Path("key");
  REQUIRE(cli::RunProcess({{"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key}, "", nullptr})
              ->exit_code == 0);
  return key;
}

TEST_CASE("a signed approval counts as signed", "[kubectl][ssh-keygen]") {
  FakeKubectl fake;
  const std::string key = MakeKey(fake);
  fake.AddApi();
  fake.Add({"^get .*managed-fields", Gate().dump()});
  fake.Add({"^apply ", "x"});
  fake.Add({"^get .*json", Gate().dump()});
  cli::ApproveOptions options = Yes();
  options.key = key;
  options.comment = "read it";
  options.timeout = 0;
  CHECK(RunRelease(cli::RunApprove, fake, options).code == 3);
  const Json entry = Json::parse(fake.Applied())["spec"]["approvals"][0];
  CHECK(entry["comment"] == "read it");

  Json pipeline = Pipeline({{"require_signatures", true}});
  pipeline["spec"]["allowed_signers"] = "alice " + fake.folder().Read("key.pub");
  const Json counted = Decided(Gate({{"approvals", Json::array({entry})}}), pipeline);
  CHECK(counted["status"]["approvals"]["counted"] ==
        Json{{{"approver", "alice"}, {"rule", "owners"}, {"signed", true}}});

  SECTION("and a key that is not allowed is said") {
    pipeline["spec"]["allowed_signers"] = "bob " + fake.folder().Read("key.pub");
    const Json ignored = Decided(Gate({{"approvals", Json::array({entry})}}), pipeline);
    FakeKubectl strict;
    Fill(strict, Gate(), ignored);
    options.timeout = 30;
    const Output output = RunRelease(cli::RunApprove, strict, options);
    CHECK(output.code == 1);
    CHECK(output.out ==
          "✗ ignored: SignerNotAllowed: no line of the allowed signers lists this key for this name\n"
          "  gate team/shop-dev-to-staging is pending, and waits for Approvals (AwaitingApprovals)\n"
          "  next: sign with a key that is listed, or have this one added to allowed_signers\n");
  }
}

TEST_CASE("a manifest for Git", "[kubectl][ssh-keygen]") {
  FakeKubectl fake;
  Fill(fake, Gate(), Gate());
  cli::ApproveOptions options = Yes();
  options.print = true;
  options.yes = false;  // there is nothing to ask: it is printed
  Output output = RunRelease(cli::RunApprove, fake, options);
  CHECK(output.code == 0);
  CHECK(output.out ==
        "apiVersion: platform.zerotouch.dev/v1alpha1\nkind: XPromotionGate\nmetadata:\n  name: "
        "shop-dev-to-staging\n"
        "  namespace: team\nspec:\n  approvals:\n  - approver: alice\n"
        "    artifact_id: ghcr.io/acme/shop:main-abc123\n    attempt: 1\n    decision: approve\n");
  options.output = "json";
  output = RunRelease(cli::RunApprove, fake, options);
  CHECK(Json::parse(output.out)["spec"] == Json{{"approvals", {Approval("alice")}}});
  CHECK_FALSE(HasApplied(fake));

  options.key = MakeKey(fake);
  CHECK(RunRelease(cli::RunApprove, fake, options).code == 2);  // signing is asked for
  output = RunRelease(cli::RunApprove, fake, options, {"n\n", /*can_ask=*/true});
  CHECK(output.code == 1);
  CHECK_THAT(output.err, Catch::EndsWith("nothing was signed\n"));
  output = RunRelease(cli::RunApprove, fake, options, {"y\n", /*can_ask=*/true});
  CHECK(output.code == 0);
  CHECK(absl::StartsWith(Json::parse(output.out)["spec"]["approvals"][0]["signature"].get<std::string>(),
                         "-----BEGIN SSH SIGNATURE-----"));
}

TEST_CASE("as JSON", "[kubectl]") {
  FakeKubectl fake;
  Fill(fake, Gate(), Decided(Gate({{"approvals", {Approval("alice")}}}), Pipeline()));
  cli::ApproveOptions options = Yes();
  options.output = "json";
  const Output output = RunRelease(cli::RunApprove, fake, options);
  CHECK(Json::parse(output.out) == Json{{"kind", "XPromotionGate"},
                                        {"namespace", "team"},
                                        {"gate", "shop-dev-to-staging"},
                                        {"artifact_id", kubectl_test::kArtifact},
                                        {"attempt", 1},
                                        {"decision", "approve"},
                                        {"approver", "alice"},
                                        {"signed", false},
                                        {"field_manager", "alice"},
                                        {"outcome", "counted"},
                                        {"rule", "owners"},
                                        {"reason", ""},
                                        {"message", ""},
                                        {"next", ""},
                                        {"gate_status", "pending"}});
}

TEST_CASE("the composite of a claim: the claim is what is approved", "[kubectl]") {
  Json composite = Gate();
  composite["metadata"] = {{"name", "shop-dev-to-staging-x7k2p"}, {"uid", "composite"}};
  composite["spec"]["claimRef"] = {{"name", "shop-dev-to-staging"}, {"namespace", "team"}};
  Json claim = Gate();
  claim["kind"] = "PromotionGate";
  FakeKubectl fake;
  fake.AddApi(/*claims=*/true);
  fake.Add({"^get xpromotiongates", composite.dump()});
  fake.Add({"^get promotiongates", claim.dump()});
  fake.Add({"^apply ", "x"});
  cli::ApproveOptions options = Yes();
  options.gate = "xpg/shop-dev-to-staging-x7k2p";
  options.timeout = 0;
  CHECK(RunRelease(cli::RunApprove, fake, options).code == 3);
  const Json applied = Json::parse(fake.Applied());
  CHECK(applied["kind"] == "PromotionGate");
  CHECK(applied["metadata"] ==
        Json{{"name", "shop-dev-to-staging"}, {"namespace", "team"}, {"uid", claim["metadata"]["uid"]}});
}

TEST_CASE("an apply that fails is said, and nothing else is done", "[kubectl]") {
  FakeKubectl fake;
  fake.AddApi();
  fake.Add({"^get .*json", Gate().dump()});
  fake.Add({"^apply ", "", 1, "Error from server (Forbidden): User \"alice\" cannot patch resource\n"});
  const Output output = RunRelease(cli::RunApprove, fake, Yes());
  CHECK(output.code == 4);
  CHECK(output.out.empty());
  CHECK_THAT(
      output.err,
      Catch::EndsWith("kubectl release: User \"alice\" cannot patch resource\n  next: ask whoever runs the "
                      "cluster for this right; docs/kubectl-release.md has the Role for it\n"));
}

TEST_CASE("the gate goes while one waits", "[kubectl]") {
  FakeKubectl fake;
  fake.AddApi();
  fake.Add({"^get .*managed-fields", Gate().dump()});
  fake.Add({"^apply ", "x"});
  fake.Add({"^get ", ""});
  const Output output = RunRelease(cli::RunApprove, fake, Yes());
  CHECK(output.code == 3);
  CHECK_THAT(output.out, Catch::StartsWith("? applied: what became of it is not known: there is no gate"));
}

}  // namespace
