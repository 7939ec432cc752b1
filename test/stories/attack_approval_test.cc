// Attacks with approvals that are not what they seem. Two owners have to sign: Bob does, and what somebody
// makes of Alice's entry is all that is missing.
#include "absl/strings/str_cat.h"
#include "test/catch.h"
#include "test/stories/attack.h"

namespace test {
namespace {

using base::Json;

constexpr char kOneOfTwo[] = "staging-to-production a#1 pending(AwaitingApprovals) by bob";

// The platform: two owners, signed, by keys that it knows; Mallory has a key there as well.
ClusterOptions TwoSign(const std::string& signers) {
  ClusterOptions options = BothFlavours();
  options.input["policy"]["staging_to_production"] = {
      {"approvals", {{{"name", "owners"}, {"approvers", {"alice", "bob"}}, {"required", 2}}}},
      {"require_signatures", true},
      {"override_approvers", {"alice"}}};
  options.input["allowedSigners"] = signers;
  return options;
}

std::string Signers() {
  return absl::StrCat(Key('a').Line("alice"), Key('b').Line("bob"), Key('m').Line("mallory"));
}

void Put(World& world, const Json& entry) { world.Put(kIntoProduction, entry); }

void BobSigns(World& world, const std::string& letter = "a", int attempt = 1) {
  Put(world, Signed(Entry("bob", letter, attempt), SubjectOf(kIntoProduction, letter, attempt), 'b'));
}

void AliceSigns(World& world, const std::string& letter = "a", int attempt = 1) {
  Put(world, Signed(Entry("alice", letter, attempt), SubjectOf(kIntoProduction, letter, attempt), 'a'));
}

// Alice's genuine signature of something else, put on this gate.
void Replay(World& world, const release::Subject& signed_for) {
  BobSigns(world);
  Put(world, Signed(Entry("alice", "a"), signed_for, 'a'));
}

TEST_CASE("without an attack the two signatures open the gate") {
  World world(TwoSign(Signers()));
  ReachProduction(world);
  BobSigns(world);
  world.cluster.Settle();
  CHECK(world.ShowGate(kIntoProduction) == kOneOfTwo);
  MustOpen(world, "two owners sign", [](World& w) { AliceSigns(w); });
}

TEST_CASE("attack: an approval that is not what it seems") {
  const auto attack = GENERATE(values<Attack>({
      {"a forged approver name", "the platform wants a signature",
       [](World& w) {
         BobSigns(w);
         Put(w, Entry("alice", "a"));
       },
       kOneOfTwo, "alice:SignatureMissing"},
      {"a forged approver name through the pipeline", "what comes through Git has to be signed as well",
       [](World& w) {
         BobSigns(w);
         w.GitApproval("production", "alice", "a");
       },
       kOneOfTwo, "alice:SignatureMissing"},
      {"a forged approver name, signed by the forger", "the key is not one of Alice's",
       [](World& w) {
         BobSigns(w);
         Put(w, Signed(Entry("alice", "a"), SubjectOf(kIntoProduction, "a"), 'm'));
       },
       kOneOfTwo, "alice:SignerNotAllowed"},
      {"another person's signature under one's own name", "the name is part of what is signed",
       [](World& w) {
         BobSigns(w);
         Json entry = Signed(Entry("alice", "a"), SubjectOf(kIntoProduction, "a"), 'a');
         entry["approver"] = "mallory";
         Put(w, entry);
       },
       kOneOfTwo, "mallory:NotAnApprover"},
      {"a signed reject sold as an approval", "so is the decision",
       [](World& w) {
         BobSigns(w);
         Json entry = Signed(Entry("alice", "a", 1, "reject"), SubjectOf(kIntoProduction, "a"), 'a');
         entry["decision"] = "approve";
         Put(w, entry);
       },
       kOneOfTwo, "alice:SignatureInvalid"},
      {"a signed approval sold as an override", "an override is another decision",
       [](World& w) {
         const Json entry = Signed(Entry("alice", "a"), SubjectOf(kIntoProduction, "a"), 'a');
         w.Forge(w.Gate(kIntoProduction), [&](Json& gate) {
           gate["spec"]["override"] = {{"by", "alice"},
                                       {"reason", "urgent"},
                                       {"artifact_id", Artifact("a")},
                                       {"signature", entry["signature"]}};
         });
       },
       "staging-to-production a#1 pending(AwaitingApprovals)", "alice:SignatureInvalid"},
      {"a stale approval after the artifact changed", "an approval counts for its artifact",
       [](World& w) {
         AliceSigns(w);
         w.cluster.Settle();
         w.Git({{"artifact_id", Artifact("b")}});
         w.cluster.Settle();
         BobSigns(w, "b");
       },
       "staging-to-production b#1 pending(AwaitingApprovals) by bob", "alice:OtherArtifact"},
      {"a stale approval, relabelled for the new artifact", "the artifact is part of what is signed",
       [](World& w) {
         w.Git({{"artifact_id", Artifact("b")}});
         w.cluster.Settle();
         BobSigns(w, "b");
         Json entry = Signed(Entry("alice", "a"), SubjectOf(kIntoProduction, "a"), 'a');
         entry["artifact_id"] = Artifact("b");
         Put(w, entry);
       },
       "staging-to-production b#1 pending(AwaitingApprovals) by bob", "alice:SignatureInvalid"},
      {"an approval replayed from another gate", "the gate's name is part of what is signed",
       [](World& w) {
         release::Subject other = SubjectOf(kIntoProduction, "a");
         other.gate = "web-quick";
         Replay(w, other);
       },
       kOneOfTwo, "alice:SignatureInvalid"},
      {"an approval replayed from another tenant", "so is the tenant",
       [](World& w) {
         release::Subject other = SubjectOf(kIntoProduction, "a");
         other.tenant = "api";
         other.gate = "api-staging-to-production";
         Replay(w, other);
       },
       kOneOfTwo, "alice:SignatureInvalid"},
      {"an approval replayed from another environment", "so are source and target",
       [](World& w) { Replay(w, SubjectOf(kIntoStaging, "a")); }, kOneOfTwo, "alice:SignatureInvalid"},
      {"an approval replayed from another namespace", "so is the namespace",
       [](World& w) {
         release::Subject other = SubjectOf(kIntoProduction, "a");
         other.namespace_name = "team-two";
         Replay(w, other);
       },
       kOneOfTwo, "alice:SignatureInvalid"},
      {"an approval replayed from another attempt", "an approval counts for its attempt",
       [](World& w) {
         AliceSigns(w);
         w.Git({{"attempt", 2}});
         w.cluster.Settle();
         BobSigns(w, "a", 2);
       },
       "staging-to-production a#2 pending(AwaitingApprovals) by bob", "alice:OtherAttempt"},
      {"an approval replayed from another attempt, relabelled", "the attempt is part of what is signed",
       [](World& w) {
         w.Git({{"attempt", 2}});
         w.cluster.Settle();
         BobSigns(w, "a", 2);
         Json entry = Signed(Entry("alice", "a"), SubjectOf(kIntoProduction, "a"), 'a');
         entry["attempt"] = 2;
         Put(w, entry);
       },
       "staging-to-production a#2 pending(AwaitingApprovals) by bob", "alice:SignatureInvalid"},
      {"an earlier artifact comes back with its old approvals", "its attempt is used up",
       [](World& w) {
         // Without a gate before it, where the attempt is used up as well.
         w.Git({{"environments", {"staging", "production"}}, {"promotionRules", nullptr}});
         AliceSigns(w);
         w.cluster.Settle();
         w.Git({{"artifact_id", Artifact("b")}});
         w.cluster.Settle();
         w.Git({{"artifact_id", Artifact("a")}});
         w.cluster.Settle();
         BobSigns(w);
       },
       "staging-to-production a#1 pending(AttemptUsed) by alice, bob", ""},
      {"a gate of another name for the same step",
       "there is one gate a step, and it bears its name; the other one can't even write its ConfigMap",
       [](World& w) {
         const Ref quick = w.Gate("quick");
         const absl::Status made =
             w.cluster.api().Apply({{"apiVersion", quick.api_version},
                                    {"kind", quick.kind},
                                    {"metadata", {{"name", quick.name}, {"namespace", quick.namespace_name}}},
                                    {"spec",
                                     {{"tenant", "web"},
                                      {"artifact_id", Artifact("a")},
                                      {"source_environment", "staging"},
                                      {"target_environment", "production"},
                                      {"approvals",
                                       {Signed(Entry("alice", "a"), SubjectOf(kIntoProduction, "a"), 'a'),
                                        Signed(Entry("bob", "a"), SubjectOf(kIntoProduction, "a"), 'b')}}}}},
                                   "script", true);
         REQUIRE(made.ok());
         w.cluster.PassOn(quick);
       },
       "quick a#1 -", "", "quick"},
  }));
  World world(TwoSign(Signers()));
  ReachProduction(world);
  MustFail(world, attack);
}

struct SignerAttack {
  Attack attack;
  std::function<std::string()> signers;
};

TEST_CASE("attack: a key that does not count") {
  const auto both_sign = [](World& w) {
    BobSigns(w);
    AliceSigns(w);
  };
  const std::string bob = Key('b').Line("bob");
  const auto with = [&](const std::string& principals, const std::string& options = "") {
    return [=] { return absl::StrCat(Key('a').Line(principals, options), bob); };
  };
  const auto expires = [](World& w) {
    AliceSigns(w);
    w.cluster.Settle();
    w.cluster.Advance(absl::Hours(4));
    BobSigns(w);
  };
  const auto same_key = [](World& w) {
    AliceSigns(w);
    Put(w, Signed(Entry("bob", "a"), SubjectOf(kIntoProduction, "a"), 'a'));
  };
  const std::vector<SignerAttack> attacks = {
      {{"a signer whose key has expired", "it is not valid any more", both_sign, kOneOfTwo,
        "alice:SignerExpired"},
       with("alice", "valid-before=\"20260301Z\"")},
      {{"a signer whose key is not valid yet", "it will be", both_sign, kOneOfTwo, "alice:SignerExpired"},
       with("alice", "valid-after=\"20270101Z\"")},
      {{"a key that expires before the other owner signs", "what counts is the moment of the decision",
        expires, kOneOfTwo, "alice:SignerExpired"},
       with("alice", "valid-before=\"202603021200Z\"")},
      {{"a key for Git commits only", "it is listed for another namespace", both_sign, kOneOfTwo,
        "alice:WrongNamespace"},
       with("alice", "namespaces=\"git\"")},
      {{"the same key under two names", "that is one person", same_key,
        "staging-to-production a#1 pending(AwaitingApprovals) by alice", "bob:SameKey"},
       with("alice,bob")},
      {{"nobody's key is listed", "an empty list trusts nobody", both_sign,
        "staging-to-production a#1 pending(AwaitingApprovals)",
        "alice:SignerNotAllowed, bob:SignerNotAllowed"},
       [] { return std::string("# nobody\n"); }},
  };
  const auto index = GENERATE(range(0, 6));
  REQUIRE(attacks.size() == 6);
  World world(TwoSign(attacks[index].signers()));
  ReachProduction(world);
  MustFail(world, attacks[index].attack);
}

TEST_CASE("attack: one person for two") {
  const auto attack = GENERATE(values<Attack>({
      {"one person under two rules", "one person fills one slot",
       [](World& w) { Put(w, Entry("alice", "a")); },
       "staging-to-production a#1 pending(AwaitingApprovals) by alice", ""},
      {"one person under two rules, through the pipeline too", "the two entries are one person's",
       [](World& w) {
         Put(w, Entry("alice", "a"));
         w.GitApproval("production", "alice", "a");
       },
       "staging-to-production a#1 pending(AwaitingApprovals) by alice", ""},
      {"the one who asked approves", "self-approval is forbidden",
       [](World& w) {
         Put(w, Entry("rita", "a"));
         Put(w, Entry("carol", "a"));
       },
       "staging-to-production a#1 pending(AwaitingApprovals) by carol", "rita:SelfApproval"},
      {"the one who asked says that it was somebody else",
       "who asked is in the trail since the attempt began",
       [](World& w) {
         w.Git({{"requested_by", "mallory"}});
         Put(w, Entry("rita", "a"));
         Put(w, Entry("carol", "a"));
       },
       "staging-to-production a#1 pending(AwaitingApprovals) by carol", "rita:SelfApproval"},
  }));
  ClusterOptions options = BothFlavours();
  options.input["policy"]["staging_to_production"] = {
      {"approvals",
       {{{"name", "dev"}, {"approvers", {"alice", "rita"}}, {"required", 1}},
        {{"name", "ops"}, {"approvers", {"alice", "carol"}}, {"required", 1}}}},
      {"forbid_self_approval", true}};
  World world(options);
  ReachProduction(world);
  MustFail(world, attack);
}

TEST_CASE("without an attack two people fill two rules") {
  ClusterOptions options = BothFlavours();
  options.input["policy"]["staging_to_production"] = {
      {"approvals",
       {{{"name", "dev"}, {"approvers", {"alice"}}, {"required", 1}},
        {{"name", "ops"}, {"approvers", {"alice", "carol"}}, {"required", 1}}}},
      {"forbid_self_approval", true}};
  World world(options);
  ReachProduction(world);
  Put(world, Entry("carol", "a"));
  world.cluster.Settle();
  MustOpen(world, "two people for two rules", [](World& w) { Put(w, Entry("alice", "a")); });
}

}  // namespace
}  // namespace test
