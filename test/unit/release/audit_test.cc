#include "function/release/audit.h"

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/sha256.h"
#include "function/release/attempt.h"
#include "test/catch.h"

namespace release {
namespace {

using Trail = std::vector<AuditEntry>;

const AuditKeys kNoKeys;
const AuditKeys kKeyed{"key", ""};
const absl::Time kStart = absl::FromUnixSeconds(1767225600);

void Append(Trail& trail, const AuditKeys& keys, size_t count = 1) {
  for (size_t i = 0; i < count; ++i) {
    const int64_t number = trail.empty() ? 1 : trail.back().seq + 1;
    AppendAudit(trail, keys, kStart + absl::Seconds(number), "alice", "ApprovedBy",
                absl::StrCat("approval ", number));
  }
}

Trail MakeTrail(size_t count, const AuditKeys& keys) {
  Trail trail;
  Append(trail, keys, count);
  return trail;
}

// As somebody does who can write the trail and knows no key.
void HashAgain(Trail& trail, size_t from) {
  for (size_t i = from; i < trail.size(); ++i) {
    if (i > from) trail[i].prev = trail[i - 1].hash;
    trail[i].hash = base::Sha256Hex(AuditText(trail[i]));
  }
}

TEST_CASE("The hash is over the canonical JSON of the other fields") {
  Trail trail;
  AppendAudit(trail, kNoKeys, kStart + absl::Milliseconds(900), "alice", "ApprovedBy", "\"quoted\"\nand ü");
  const std::string text =
      "{\"action\":\"ApprovedBy\",\"actor\":\"alice\",\"detail\":\"\\\"quoted\\\"\\nand ü\",\"prev\":\"" +
      std::string(64, '0') + "\",\"seq\":1,\"time\":\"2026-01-01T00:00:00Z\"}";
  CHECK(AuditText(trail[0]) == text);
  // sha256sum of the text above.
  CHECK(trail[0].hash == "d07fdfbfa9f044fbcd088143f05a468578b4650226567825ad5114fc9e3482ea");
  CHECK(trail[0].time == kStart);
}

TEST_CASE("With a key the hash is an HMAC") {
  const Trail trail = MakeTrail(1, kKeyed);
  CHECK(trail[0].hash == base::HmacSha256Hex("key", AuditText(trail[0])));
}

TEST_CASE("What is done to a trail of five entries shows") {
  struct Case {
    std::string name;
    std::string reason;
    std::function<void(Trail&)> attack;
    std::string plain;  // what VerifyAudit says without a key
    std::string keyed;  // and with one
  };
  const std::string wrong = "entry 3: its hash is wrong";
  const std::string unkeyed = "entry 3: its hash is wrong, or not made with the key";
  const std::vector<Case> cases = {
      {"nothing", "a trail as it was made is intact", [](Trail&) {}, "", ""},
      {"detail", "the hash is over every field", [](Trail& t) { t[2].detail = "x"; }, wrong, unkeyed},
      {"actor", "the hash is over every field", [](Trail& t) { t[2].actor = "bob"; }, wrong, unkeyed},
      {"action", "the hash is over every field", [](Trail& t) { t[2].action = "RejectedBy"; }, wrong,
       unkeyed},
      {"time", "the hash is over every field", [](Trail& t) { t[2].time += absl::Seconds(1); }, wrong,
       unkeyed},
      {"hash", "a hash is no comment", [](Trail& t) { t[2].hash = std::string(64, 'a'); }, wrong, unkeyed},
      {"no hash", "an absent hash is a wrong one", [](Trail& t) { t[2].hash.clear(); }, wrong, unkeyed},
      {"number", "numbers have no gap", [](Trail& t) { t[2].seq = 7; }, "entry 7: it follows number 2",
       "entry 7: it follows number 2"},
      {"removed", "the next entry's number does not follow", [](Trail& t) { t.erase(t.begin() + 2); },
       "entry 4: it follows number 2", "entry 4: it follows number 2"},
      {"removed and numbered anew", "the next entry's prev is that of the removed one",
       [](Trail& t) {
         t.erase(t.begin() + 2);
         for (size_t i = 2; i < t.size(); ++i) t[i].seq = static_cast<int64_t>(i) + 1;
       },
       "entry 3: its prev is not the hash of the entry before it",
       "entry 3: its prev is not the hash of the entry before it"},
      {"first removed", "a trail begins with number 1 or a checkpoint", [](Trail& t) { t.erase(t.begin()); },
       "entry 2: it is the first one, and its prev is not 64 zeros",
       "entry 2: it is the first one, and its prev is not 64 zeros"},
      {"first removed, the second made to look like one", "a trail begins with number 1 or a checkpoint",
       [](Trail& t) {
         t.erase(t.begin());
         t[0].prev = std::string(64, '0');
       },
       "entry 2: it is the first one, and not number 1", "entry 2: it is the first one, and not number 1"},
      {"reordered", "an entry belongs behind the one that it names", [](Trail& t) { std::swap(t[2], t[3]); },
       "entry 4: it follows number 2", "entry 4: it follows number 2"},
      {"twice", "an entry is there once", [](Trail& t) { t.insert(t.begin() + 2, t[1]); },
       "entry 2: it follows number 2", "entry 2: it follows number 2"},
      {"checkpoint inside", "only the first entry can be a checkpoint",
       [](Trail& t) { t[2].action = "Checkpoint"; }, "entry 3: a checkpoint can only be the first one",
       "entry 3: a checkpoint can only be the first one"},
      {"checkpoint without a count", "a checkpoint says what is gone",
       [](Trail& t) { t[0].action = "Checkpoint"; }, "entry 1: the detail of the checkpoint is malformed",
       "entry 1: the detail of the checkpoint is malformed"},
      {"rewritten and hashed again", "without a key anybody can do that; with one nobody else can",
       [](Trail& t) {
         t[2].detail = "x";
         HashAgain(t, 2);
       },
       "", unkeyed},
      {"cut off at the end", "what is left is a trail too: only the other copy shows it",
       [](Trail& t) { t.resize(2); }, "", ""},
      {"emptied", "an empty trail is a missing one: only the other copy shows it",
       [](Trail& t) { t.clear(); }, "", ""},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    Trail plain = MakeTrail(5, kNoKeys);
    c.attack(plain);
    CHECK(std::string(VerifyAudit(plain, kNoKeys).message()) == c.plain);
    Trail keyed = MakeTrail(5, kKeyed);
    c.attack(keyed);
    CHECK(std::string(VerifyAudit(keyed, kKeyed).message()) == c.keyed);
  }
}

TEST_CASE("A key can be turned on and changed") {
  struct Case {
    std::string name;
    std::string reason;
    AuditKeys first;
    AuditKeys second;
    AuditKeys verify;
    bool intact;
  };
  const std::vector<Case> cases = {
      {"same key", "nothing changed", {"a", ""}, {"a", ""}, {"a", ""}, true},
      {"rotated", "what the previous key made is accepted", {"a", ""}, {"b", "a"}, {"b", "a"}, true},
      {"previous key dropped",
       "its entries can no longer be checked",
       {"a", ""},
       {"b", "a"},
       {"b", ""},
       false},
      {"other previous key", "it made none of these", {"a", ""}, {"b", "a"}, {"b", "c"}, false},
      {"turned on",
       "plain hashes prove nothing to who asks for a key",
       {"", ""},
       {"a", ""},
       {"a", ""},
       false},
      {"all plain", "plain hashes prove nothing to who asks for a key", {"", ""}, {"", ""}, {"a", ""}, false},
      {"turned off", "plain hashes follow what the previous key made", {"a", ""}, {"", "a"}, {"", "a"}, true},
      {"turned off at once", "nobody can check the keyed ones", {"a", ""}, {"", ""}, {"", ""}, false},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    Trail trail;
    Append(trail, c.first, 2);
    Append(trail, c.second, 2);
    CHECK(VerifyAudit(trail, c.verify).ok() == c.intact);
  }
}

TEST_CASE("The oldest entries fold into a checkpoint") {
  const Trail full = MakeTrail(kMaxAuditEntries, kKeyed);
  Trail folded = full;
  Append(folded, kKeyed, 3);
  REQUIRE(folded.size() == kMaxAuditEntries);
  const AuditEntry checkpoint = folded.front();
  CHECK(checkpoint.action == "Checkpoint");
  CHECK(checkpoint.actor.empty());
  CHECK(checkpoint.seq == 4);
  CHECK(checkpoint.time == full[3].time);
  CHECK(checkpoint.prev == std::string(64, '0'));
  CHECK(checkpoint.detail == absl::StrCat("{\"count\":4,\"last_hash\":\"", full[3].hash, "\"}"));
  CHECK(checkpoint.hash == base::HmacSha256Hex("key", AuditText(checkpoint)));
  CHECK(Trail(folded.begin() + 1, folded.begin() + 97) == Trail(full.begin() + 4, full.end()));
  CHECK(folded.back().seq == 103);
  CHECK(VerifyAudit(folded, kKeyed).ok());
}

TEST_CASE("What is done to a checkpoint shows") {
  struct Case {
    std::string name;
    std::string reason;
    std::function<void(Trail&)> attack;
    std::string message;
  };
  const std::string malformed = "entry 4: the detail of the checkpoint is malformed";
  const auto detail = [](std::string text) { return [text](Trail& t) { t[0].detail = text; }; };
  const std::string zeros = std::string(64, '0');
  const std::vector<Case> cases = {
      {"count", "it is the number of the last entry that is gone",
       [](Trail& t) { t[0].detail.replace(t[0].detail.find(":4"), 2, ":5"); },
       "entry 4: the checkpoint's number is not its count"},
      {"last hash", "the next entry's prev names it",
       [](Trail& t) { t[0].detail = "{\"count\":4,\"last_hash\":\"" + std::string(64, '0') + "\"}"; },
       "entry 4: its hash is wrong, or not made with the key"},
      {"removed", "the entry behind it names another", [](Trail& t) { t.erase(t.begin()); },
       "entry 5: it is the first one, and its prev is not 64 zeros"},
      {"entry behind it removed", "a checkpoint reaches to the next number",
       [](Trail& t) { t.erase(t.begin() + 1); }, "entry 6: it follows number 4"},
      {"not canonical", "there is one way to write it",
       detail("{\"count\": 4,\"last_hash\":\"" + zeros + "\"}"), malformed},
      {"more fields", "there is one way to write it",
       detail("{\"count\":4,\"last_hash\":\"" + zeros + "\",\"x\":1}"), malformed},
      {"count of another type", "a count is a number",
       detail("{\"count\":\"4\",\"last_hash\":\"" + zeros + "\"}"), malformed},
      {"count below one", "a fold takes something away",
       detail("{\"count\":0,\"last_hash\":\"" + zeros + "\"}"), malformed},
      {"count over 2^53", "JSON numbers end there",
       detail("{\"count\":9223372036854775807,\"last_hash\":\"" + zeros + "\"}"), malformed},
      {"count over 2^63", "JSON numbers end there",
       detail("{\"count\":18446744073709551615,\"last_hash\":\"" + zeros + "\"}"), malformed},
      {"hash in capitals", "a hash is lower-case hex",
       detail("{\"count\":4,\"last_hash\":\"" + std::string(64, 'A') + "\"}"), malformed},
      {"list", "a detail is an object", detail("[4]"), malformed},
      {"deep", "a detail of any depth is refused, not followed", detail(std::string(100000, '[')), malformed},
      {"empty", "a detail is there", detail(""), malformed},
  };
  const Trail folded = MakeTrail(kMaxAuditEntries + 3, kKeyed);
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    Trail trail = folded;
    c.attack(trail);
    CHECK(std::string(VerifyAudit(trail, kKeyed).message()) == c.message);
  }
}

TEST_CASE("A checkpoint made without the key proves nothing") {
  Trail trail = MakeTrail(3, kKeyed);
  Trail forged(1);
  forged[0].seq = 2;
  forged[0].time = kStart;
  forged[0].action = "Checkpoint";
  forged[0].detail = absl::StrCat("{\"count\":2,\"last_hash\":\"", trail[1].hash, "\"}");
  forged[0].prev = std::string(64, '0');
  forged[0].hash = base::Sha256Hex(AuditText(forged[0]));
  forged.push_back(trail[2]);
  CHECK(VerifyAudit(forged, kNoKeys).message() == "entry 3: its hash is wrong");
  CHECK(VerifyAudit(forged, kKeyed).message() == "entry 2: its hash is wrong, or not made with the key");
}

TEST_CASE("The trail is recovered from its two copies") {
  const Trail five = MakeTrail(5, kKeyed);
  const Trail three(five.begin(), five.begin() + 3);
  Trail other = three;
  AppendAudit(other, kKeyed, kStart, "bob", "RejectedBy", "no");
  Trail altered = five;
  altered[1].detail = "x";
  Trail plain = MakeTrail(5, kNoKeys);
  const Trail full = MakeTrail(kMaxAuditEntries, kKeyed);
  const Trail folded = MakeTrail(kMaxAuditEntries + 3, kKeyed);
  const Trail far = MakeTrail(3 * kMaxAuditEntries, kKeyed);
  Trail long_trail = full;
  long_trail.push_back(full.back());
  Trail large;
  for (int i = 0; i < 50; ++i) AppendAudit(large, kKeyed, kStart, "eve", "Note", std::string(12000, 'x'));
  struct Case {
    std::string name;
    std::string reason;
    Trail status;
    Trail config_map;
    Trail recovered;
    std::string error;
  };
  const std::string differ = "status.audit and the ConfigMap's audit.jsonl: both are intact, but they ";
  const std::vector<Case> cases = {
      {"none", "nothing has happened yet", {}, {}, {}, ""},
      {"same", "both are as they should be", five, five, five, ""},
      {"no status", "the ConfigMap has it", {}, five, five, ""},
      {"no ConfigMap", "status has it", five, {}, five, ""},
      {"status behind", "an error discarded the status after the ConfigMap was written", three, five, five,
       ""},
      {"ConfigMap behind", "somebody cut it, or it was written late", five, three, five, ""},
      {"status altered",
       "it says where",
       altered,
       five,
       {},
       "status.audit: entry 2: its hash is wrong, or not made with the key"},
      {"ConfigMap altered",
       "it says where",
       five,
       altered,
       {},
       "the ConfigMap's audit.jsonl: entry 2: its hash is wrong, or not made with the key"},
      {"one altered, the other missing",
       "the missing one does not help",
       {},
       altered,
       {},
       "the ConfigMap's audit.jsonl: entry 2: its hash is wrong, or not made with the key"},
      {"made without the key",
       "the key was turned on",
       plain,
       plain,
       {},
       "status.audit: entry 1: its hash is wrong, or not made with the key"},
      {"longer than a trail is",
       "it would have been folded",
       full,
       long_trail,
       {},
       "the ConfigMap's audit.jsonl: has more than 100 entries"},
      {"larger than a trail is",
       "it would not fit into the ConfigMap",
       large,
       {},
       {},
       "status.audit: has more than 524288 bytes"},
      {"two stories",
       "both are intact, and only one can be true",
       five,
       other,
       {},
       differ + "differ at entry 4"},
      {"folded ConfigMap", "folding takes nothing back", full, folded, folded, ""},
      {"folded status", "folding takes nothing back", folded, full, folded, ""},
      {"only the other has what was folded", "it ends where the checkpoint begins", MakeTrail(4, kKeyed),
       folded, folded, ""},
      {"too far behind", "nothing in one is in the other", full, far, {}, differ + "have no entry in common"},
      {"ends before the checkpoint",
       "what is folded cannot be compared",
       three,
       folded,
       {},
       differ + "have no entry in common"},
      {"another story before the checkpoint",
       "the checkpoint names the hash of what it folded",
       other,
       folded,
       {},
       differ + "differ at entry 4"},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    const absl::StatusOr<Trail> recovered = Reconcile(c.status, c.config_map, kKeyed);
    CHECK(std::string(recovered.status().message()) == c.error);
    if (c.error.empty()) CHECK(*recovered == c.recovered);
  }
}

TEST_CASE(
    "Every state of a trail is a prefix of every later one that still reaches it, and of no earlier one") {
  Trail trail;
  std::vector<Trail> states = {trail};
  for (size_t i = 0; i < 2 * kMaxAuditEntries + 20; ++i) {
    Append(trail, kKeyed);
    states.push_back(trail);
    REQUIRE(VerifyAudit(trail, kKeyed).ok());
    REQUIRE(trail.size() <= kMaxAuditEntries);
  }
  for (size_t i = 0; i < states.size(); i += 7) {
    for (size_t j = 0; j < states.size(); j += 5) {
      const bool reaches =
          states[i].empty() || (!states[j].empty() && states[i].back().seq >= states[j].front().seq);
      INFO("after " << i << " and after " << j << " entries");
      REQUIRE(IsPrefix(states[i], states[j]) == (i <= j && reaches));
    }
  }
}

TEST_CASE("Any change of any field of a random entry shows") {
  std::mt19937 random(20260101);
  const std::vector<std::function<void(AuditEntry&)>> changes = {
      [](AuditEntry& e) { e.seq += 1; },
      [](AuditEntry& e) { e.time += absl::Hours(1); },
      [](AuditEntry& e) { e.actor += " "; },
      [](AuditEntry& e) { e.action += "x"; },
      [](AuditEntry& e) { e.detail += "\n"; },
      [](AuditEntry& e) { e.prev[5] = e.prev[5] == '0' ? '1' : '0'; },
      [](AuditEntry& e) { e.hash[9] = e.hash[9] == '0' ? '1' : '0'; },
  };
  for (const AuditKeys& keys : {kNoKeys, kKeyed}) {
    for (const size_t size : {1, 2, 50, 99, 100, 101, 150, 250}) {
      const Trail good = MakeTrail(size, keys);
      for (const auto& change : changes) {
        Trail trail = good;
        const size_t at = random() % trail.size();
        change(trail[at]);
        INFO(size << " entries, the one at " << at);
        REQUIRE_FALSE(VerifyAudit(trail, keys).ok());
        REQUIRE_FALSE(Reconcile(trail, good, keys).ok());
        REQUIRE_FALSE(Reconcile(good, trail, keys).ok());
      }
    }
  }
}

TEST_CASE("What an entry says is one line, whatever it is about", "[audit]") {
  AuditEntry entry;
  entry.actor = "dana";
  entry.action = std::string(action::kOverridden);
  entry.detail = R"({"reason":"INC-4711:\n  checkout is down\n"})";
  CHECK(Describe(entry) == "dana overrode the gate: INC-4711: checkout is down");
}

}  // namespace
}  // namespace release
