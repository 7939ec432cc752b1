// How one's own entry gets onto a gate without touching anything else.
#include "function/cli/kubectl/own_entry.h"

#include "function/cli/problem.h"
#include "test/catch.h"
#include "test/unit/kubectl/fake.h"

namespace {

using base::Json;
using kubectl_test::FakeKubectl;

Json Managed(const std::string& manager, const std::string& operation, const Json& fields,
             const std::string& subresource = "") {
  Json managed = {{"manager", manager}, {"operation", operation}, {"fieldsV1", fields}};
  if (!subresource.empty()) managed["subresource"] = subresource;
  return managed;
}

Json EntryOf(const std::string& approver) {
  const Json leaf = Json::object();
  const Json entry = {{".", leaf}, {"f:approver", leaf}, {"f:decision", leaf}};
  return {{"f:spec", {{"f:approvals", {{".", leaf}, {"k:" + Json{{"approver", approver}}.dump(), entry}}}}}};
}

const Json kSpec = {{"f:spec", {{"f:tenant", Json::object()}}}};
const Json kLastApplied = {
    {"f:metadata",
     {{"f:annotations", {{"f:kubectl.kubernetes.io/last-applied-configuration", Json::object()}}}}},
    {"f:spec", {{"f:tenant", Json::object()}}}};

TEST_CASE("under whose hand the entry comes", "[kubectl]") {
  struct Case {
    const char* reason;
    std::vector<Json> managed;
    std::string wanted;
    bool server_side;
    std::string manager;  // empty: refused
    bool force;
    std::vector<std::string> others;
  };
  const std::string own_name(150, 'n');
  const Case cases[] = {
      {"nobody knows anything", {}, "", true, "alice", false, {}},
      {"somebody made the gate", {Managed("git", "Apply", kSpec)}, "", true, "alice", false, {}},
      {"her entry is there", {Managed("alice", "Apply", EntryOf("alice"))}, "", true, "alice", false, {}},
      {"she made the gate: the apply of an entry alone would take it apart",
       {Managed("alice", "Apply", kSpec)},
       "",
       true,
       "kubectl-release:alice",
       false,
       {}},
      {"she applied somebody else's entry too",
       {Managed("alice", "Apply", EntryOf("bob"))},
       "",
       true,
       "kubectl-release:alice",
       false,
       {}},
      {"she has changed it by other means, which gives nothing up",
       {Managed("alice", "Update", kSpec)},
       "",
       true,
       "alice",
       false,
       {}},
      {"status is not spec",
       {Managed("alice", "Apply", {{"f:status", Json::object()}}, "status")},
       "",
       true,
       "alice",
       false,
       {}},
      {"her entry came by another kind of write: hers to take over",
       {Managed("alice", "Update", EntryOf("alice"))},
       "",
       true,
       "alice",
       true,
       {}},
      {"it came from Git",
       {Managed("argocd", "Apply", EntryOf("alice"))},
       "",
       true,
       "alice",
       false,
       {"argocd"}},
      {"partly: not to be taken over",
       {Managed("alice", "Update", EntryOf("alice")), Managed("argocd", "Apply", EntryOf("alice"))},
       "",
       true,
       "alice",
       false,
       {"argocd"}},
      {"others' entries are theirs", {Managed("bob", "Apply", EntryOf("bob"))}, "", true, "alice", false, {}},
      {"a name that she says", {}, "laptop", true, "laptop", false, {}},
      {"one that has more", {Managed("git", "Apply", kSpec)}, "git", true, "", false, {}},
      {"kubectl would hand over the whole gate",
       {Managed("kubectl-client-side-apply", "Update", kLastApplied)},
       "",
       false,
       "alice",
       false,
       {}},
      {"under whatever name", {Managed("somebody", "Update", kLastApplied)}, "", false, "alice", false, {}},
      {"it was handed over before: nothing is left to hand over",
       {Managed("bob", "Apply", kLastApplied)},
       "",
       true,
       "alice",
       false,
       {}},
      {"longer than Kubernetes takes", {}, own_name, true, own_name.substr(0, 119) + "-", false, {}},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    Json gate = kubectl_test::Gate();
    gate["metadata"]["managedFields"] = c.managed;
    const absl::StatusOr<cli::EntryWay> way = cli::PlanEntry(gate, "alice", c.wanted);
    REQUIRE(way.ok() == !c.manager.empty());
    if (!way.ok()) {
      CHECK_THAT(std::string(cli::WrongOf(way.status())), Catch::StartsWith("--field-manager: git"));
      continue;
    }
    CHECK(way->server_side == c.server_side);
    CHECK(way->field_manager.substr(0, c.manager.size()) == c.manager);
    CHECK(way->field_manager.size() <= 128);
    CHECK(way->force == c.force);
    CHECK(way->other_managers == c.others);
  }
}

cli::LiveGate Live(const Json& object) {
  const absl::StatusOr<cli::LiveGate> gate = cli::ReadLiveGate(object, "");
  REQUIRE(gate.ok());
  return *gate;
}

TEST_CASE("a server-side apply of the entry alone", "[kubectl]") {
  FakeKubectl fake;
  fake.Add({"^apply", "xpromotiongate/shop-dev-to-staging"});
  std::ostringstream err;
  const cli::Kubectl kubectl(fake.program(), {}, err);
  const Json object = kubectl_test::Gate({{"approvals", {kubectl_test::Approval("bob")}}});
  cli::EntryWay way{true, "alice"};
  REQUIRE(cli::ApplyEntry(kubectl, Live(object), {"alice", "reject", "broken", "", "SIG"}, way).ok());
  way.force = true;
  REQUIRE(cli::ApplyEntry(kubectl, Live(object), {"alice"}, way).ok());
  CHECK(fake.Calls() ==
        std::vector<std::string>{
            "apply --server-side --field-manager=alice --output=name --filename=-",
            "apply --server-side --field-manager=alice --force-conflicts --output=name --filename=-"});
  const Json applied = Json::parse(fake.Applied());
  const Json want = {
      {"apiVersion", "platform.zerotouch.dev/v1alpha1"},
      {"kind", "XPromotionGate"},
      {"metadata",
       {{"name", "shop-dev-to-staging"}, {"namespace", "team"}, {"uid", object["metadata"]["uid"]}}},
      {"spec", {{"approvals", {kubectl_test::Approval("alice")}}}}};
  CHECK(applied == want);
}

TEST_CASE("a patch of the entry alone", "[kubectl]") {
  struct Case {
    const char* reason;
    Json spec;
    const char* operation;
  };
  const Case cases[] = {
      {"the first entry", Json::object(), "\"op\":\"add\",\"path\":\"/spec/approvals\",\"value\":[{"},
      {"beside others",
       {{"approvals", {kubectl_test::Approval("bob")}}},
       "\"op\":\"add\",\"path\":\"/spec/approvals/-\",\"value\":{"},
      {"in place of one's own",
       {{"approvals", {kubectl_test::Approval("bob"), kubectl_test::Approval("alice")}}},
       "\"op\":\"replace\",\"path\":\"/spec/approvals/1\",\"value\":{"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    const Json object = kubectl_test::Gate(c.spec);
    FakeKubectl fake;
    fake.Add(
        {"^patch", "", 1, "Error from server (Conflict): the object has been modified\n", /*once=*/true});
    fake.Add({"^patch", "xpromotiongate/shop-dev-to-staging"});
    fake.Add({"^get", object.dump()});
    std::ostringstream err;
    const cli::Kubectl kubectl(fake.program(), {}, err);
    REQUIRE(cli::ApplyEntry(kubectl, Live(object), {"alice"}, {false, "alice"}).ok());
    // Somebody was faster the first time.
    const std::vector<std::string> calls = fake.Calls();
    REQUIRE(calls.size() == 4);
    CHECK(calls[1] == calls[3]);
    CHECK_THAT(calls[3], Catch::StartsWith(
                             "patch xpromotiongates.platform.zerotouch.dev shop-dev-to-staging --type=json "
                             "--field-manager=alice --output=name --patch=[{\"op\":\"replace\",\"path\":\""
                             "/metadata/resourceVersion\",\"value\":\"7\"},{"));
    CHECK_THAT(calls[3], Catch::Contains(c.operation));
    CHECK_THAT(calls[3], !Catch::Contains("bob"));
  }
}

TEST_CASE("what an apply can come to", "[kubectl]") {
  struct Case {
    const char* reason;
    std::vector<std::string> others;
    const char* error;
    bool is_there;
    const char* wrong;
    const char* next;
  };
  const char* conflict =
      "error: Apply failed with 1 conflict: conflict with \"argocd\": .spec.approvals\nPlease review\n";
  const Case cases[] = {
      {"somebody else's hand",
       {"argocd"},
       conflict,
       true,
       "your entry is under the hand of another field manager: argocd",
       "change it where it comes from, or, if that is you, give --field-manager argocd"},
      {"deleted meanwhile",
       {},
       "error: Operation cannot be fulfilled on gates \"a\": uid mismatch\n",
       false,
       "gate team/shop-dev-to-staging is gone, or was made anew meanwhile",
       "look at what is there: kubectl release why shop-dev-to-staging -n team"},
      {"deleted, and the server would have made it",
       {},
       "The XPromotionGate \"shop-dev-to-staging\" is invalid: spec.tenant: Required value\n",
       false,
       "gate team/shop-dev-to-staging is gone, or was made anew meanwhile",
       "look at what is there: kubectl release why shop-dev-to-staging -n team"},
      {"no right",
       {},
       "Error from server (Forbidden): you cannot patch\n",
       true,
       "you cannot patch",
       "ask whoever runs the cluster for this right; docs/kubectl-release.md has the Role for it"},
      {"refused for another reason",
       {},
       "The XPromotionGate \"a\" is invalid: spec.approvals: too many\n",
       true,
       "The XPromotionGate \"a\" is invalid: spec.approvals: too many",
       "see what the fields have to be: kubectl explain"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    FakeKubectl fake;
    fake.Add({"^apply", "", 1, c.error});
    fake.Add({"^get.*json", c.is_there ? kubectl_test::Gate().dump() : ""});
    fake.Add({"^get", ""});
    std::ostringstream err;
    const absl::Status status =
        cli::ApplyEntry(cli::Kubectl(fake.program(), {}, err), Live(kubectl_test::Gate()), {"alice"},
                        {true, "alice", false, c.others});
    CHECK(cli::WrongOf(status) == c.wrong);
    CHECK(cli::NextOf(status) == c.next);
  }
}

TEST_CASE("a gate that was made anew is another one", "[kubectl]") {
  Json anew = kubectl_test::Gate();
  anew["metadata"]["uid"] = "another";
  FakeKubectl fake;
  fake.Add({"^get", anew.dump()});
  std::ostringstream err;
  const absl::Status status = cli::ApplyEntry(cli::Kubectl(fake.program(), {}, err),
                                              Live(kubectl_test::Gate()), {"alice"}, {false, "alice"});
  CHECK(cli::WrongOf(status) == "gate team/shop-dev-to-staging is gone, or was made anew meanwhile");
  CHECK(fake.Calls().size() == 2);  // no patch
}

}  // namespace
