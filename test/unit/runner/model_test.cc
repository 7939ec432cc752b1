// Random lives of a gate, through RunFunction over bytes, against a reference model that knows nothing of
// trails and hashes: edits of the spec and the pipeline, a clock that also goes back, copies that are lost,
// writes that fail.
#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "test/catch.h"
#include "test/unit/runner/objects.h"

namespace runner {
namespace {

using Key = std::pair<std::string, int>;  // artifact, attempt

// What the gate may remember. Each copy of the status holds one.
struct Memory {
  int version = 0;  // 0: nothing
  Key key;
  absl::Time start;
  std::string verdict = "pending";
  std::set<Key> used;
};

struct World {
  bool has_key = false;  // whether the trail is hashed with a key
  Json gate = GateXr();
  Json pipeline = PipelineXr();
  enum class Found { kYes, kNo, kUnknown } found = Found::kYes;
  absl::Time now = kNow;
  std::optional<Json> status;
  std::optional<Json> config_map;
  Memory in_status;
  Memory in_config_map;
};

Json& Spec(World& world) { return world.gate["spec"]; }

Json Policy(const World& world) {
  return world.pipeline["spec"]
      .value("promotionPolicies", Json::object())
      .value("dev_to_staging", Json::object());
}

Key CurrentKey(const World& world) {
  return {world.gate["spec"]["artifact_id"], world.gate["spec"].value("attempt", 1)};
}

bool IsFor(const Json& entry, const Key& key) {
  return entry["artifact_id"] == key.first && entry["attempt"] == key.second;
}

// Those who decided so for this key and whose word counts.
std::set<std::string> Eligible(const World& world, const Json& policy, const std::string& decision) {
  std::set<std::string> names;
  for (const Json& approval : world.gate["spec"].value("approvals", Json::array())) {
    if (approval["decision"] != decision || !IsFor(approval, CurrentKey(world))) continue;
    const std::string name = approval["approver"];
    bool counts = true;
    if (policy.contains("approvals")) {
      const Json& approvers = policy["approvals"][0]["approvers"];
      counts = std::find(approvers.begin(), approvers.end(), name) != approvers.end();
    }
    if (counts) names.insert(name);
  }
  return names;
}

bool ChecksPass(const World& world, const Json& policy) {
  if (!policy.contains("required_checks")) return true;
  for (const Json& check : world.gate["spec"].value("checks", Json::array())) {
    if (IsFor(check, CurrentKey(world)) && check["state"] == "success") return true;
  }
  return false;
}

bool IsOverridden(const World& world, const Json& policy) {
  const Json& spec = world.gate["spec"];
  return policy.contains("override_approvers") && spec.contains("override") &&
         IsFor(spec["override"], CurrentKey(world));
}

std::string Judge(const World& world, const Memory& memory) {
  const bool found = world.found == World::Found::kYes;
  const Json policy = found ? Policy(world) : Json::object();
  if (world.now >= memory.start + absl::Hours(policy.value("timeout_hours", 24))) return "timeout";
  if (!found) return "pending";
  if (!Eligible(world, policy, "reject").empty()) return "rejected";
  if (memory.used.count(memory.key) > 0) return "pending";
  if (IsOverridden(world, policy)) return "approved";
  const size_t needed = policy.contains("approvals") ? policy["approvals"][0]["required"].get<size_t>() : 1;
  const int soak = policy.value("soak_hours", 0);
  const bool soaked = soak == 0 || world.now >= memory.start + absl::Hours(soak);
  const bool open =
      Eligible(world, policy, "approve").size() >= needed && soaked && ChecksPass(world, policy);
  return open ? "approved" : "pending";
}

// The model of one call.
Memory Decide(const World& world) {
  Memory memory;
  if (world.status) memory = world.in_status;
  if (world.config_map && world.in_config_map.version > memory.version) memory = world.in_config_map;
  const Key key = CurrentKey(world);
  if (memory.version == 0 || memory.key != key) {
    if (memory.version > 0) memory.used.insert(memory.key);
    memory.start = memory.version == 0 ? std::min(kCreated, world.now) : world.now;
    memory.key = key;
    memory.verdict = "pending";
  }
  if (memory.verdict == "pending") memory.verdict = Judge(world, memory);
  ++memory.version;
  return memory;
}

class Actions {
 public:
  // `total_loss`: whether both copies may be lost at once.
  Actions(World& world, std::mt19937& random, bool total_loss)
      : world_(world), random_(random), total_loss_(total_loss) {}

  void Random() {
    switch (Pick(14)) {
      case 0:
      case 1:
      case 2:
        return PutApproval();
      case 3:
        return PutCheck();
      case 4:
        Spec(world_)["artifact_id"] = Artifact();
        return;
      case 5:
        Spec(world_)["attempt"] = std::min(20, Spec(world_).value("attempt", 1) + 1);
        return;
      case 6:
        return ChangePolicy();
      case 7:
        world_.found = static_cast<World::Found>(Pick(5) < 3 ? 0 : 1 + Pick(2));
        return;
      case 8:
        world_.now -= absl::Minutes(Pick(300));
        return;
      case 9:
        if (total_loss_ || world_.config_map) world_.status.reset();
        return;
      case 10:
        if (total_loss_ || world_.status) world_.config_map.reset();
        return;
      case 11:
        if (!total_loss_ || Pick(4) > 0) return;
        world_.status.reset();
        world_.config_map.reset();
        return;
      default:
        world_.now += absl::Minutes(Pick(4) == 0 ? Pick(1500) : Pick(60));
        return;
    }
  }

 private:
  int Pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  std::string Artifact() { return "ghcr.io/acme/app:main-abc12" + std::to_string(Pick(3)); }

  // For what the gate is about, or for something else.
  Json Bound(Json entry) {
    const Key key = CurrentKey(world_);
    entry["artifact_id"] = Pick(4) > 0 ? key.first : Artifact();
    entry["attempt"] = Pick(4) > 0 ? key.second : 1 + Pick(20);
    return entry;
  }

  void Put(const char* list, const char* name, Json entry) {
    Json& entries = Spec(world_)[list];
    if (entries.is_null()) entries = Json::array();
    for (size_t i = 0; i < entries.size(); ++i) {
      if (entries[i][name] == entry[name]) entries.erase(i--);
    }
    if (Pick(5) > 0) entries.push_back(Bound(std::move(entry)));
  }

  void PutApproval() {
    const std::string names[] = {"alice", "bob", "carol"};
    Put("approvals", "approver",
        {{"approver", names[Pick(3)]}, {"decision", Pick(8) == 0 ? "reject" : "approve"}});
  }

  void PutCheck() {
    const std::string states[] = {"pending", "success", "success", "failure"};
    if (Pick(12) == 0) {
      Spec(world_)["override"] = Bound({{"by", "boss"}, {"reason", "down"}});
    } else {
      Put("checks", "name", {{"name", "unit"}, {"state", states[Pick(4)]}});
    }
  }

  void ChangePolicy() {
    Json policy = Json::object();
    if (Pick(2) == 0) {
      policy["approvals"] = Json::array({Json::object(
          {{"name", "r"}, {"approvers", Json::array({"alice", "bob"})}, {"required", 1 + Pick(2)}})});
    }
    if (Pick(3) == 0) policy["required_checks"] = Json::array({"unit"});
    if (Pick(3) == 0) policy["soak_hours"] = Pick(4);
    if (Pick(3) == 0) policy["timeout_hours"] = 1 + Pick(30);
    if (Pick(3) == 0) policy["override_approvers"] = Json::array({"boss"});
    policy["timeout_hours"] = std::min(24, policy.value("timeout_hours", 24));
    world_.pipeline["spec"]["promotionPolicies"] = {{"dev_to_staging", policy}};
  }

  World& world_;
  std::mt19937& random_;
  const bool total_loss_;
};

Answer CallGate(const World& world) {
  Json xr = world.gate;
  if (world.status) xr["status"] = *world.status;
  Request request(xr);
  if (world.has_key) request.AuditKey("key");
  if (world.config_map) request.Observed("gate-config", AsObserved(*world.config_map));
  if (world.found == World::Found::kYes) request.Required("pipeline", world.pipeline);
  if (world.found == World::Found::kNo) request.RequiredNothing("pipeline");
  return Call(request, world.now);
}

// The new trail has everything that the old one had, but for what folded into its checkpoint.
bool IsContinuedBy(const Json& old_trail, const Json& new_trail) {
  const Json& first = new_trail[0];
  for (const Json& entry : old_trail) {
    if (first["action"] == "Checkpoint" && entry["seq"] <= first["seq"]) continue;
    const int64_t index = entry["seq"].get<int64_t>() - first["seq"].get<int64_t>();
    if (index < 0 || index >= static_cast<int64_t>(new_trail.size())) return false;
    if (new_trail[index] != entry) return false;
  }
  return new_trail.back()["seq"] >= old_trail.back()["seq"];
}

// The trail of the copy that is ahead; null where there is none.
Json OldTrail(const World& world) {
  Json trail;
  if (world.status) trail = (*world.status)["audit"];
  if (world.config_map && (!world.status || world.in_config_map.version > world.in_status.version)) {
    trail = Json::array();
    const std::string lines = (*world.config_map)["data"]["audit.jsonl"];
    for (size_t begin = 0; begin < lines.size();) {
      const size_t end = lines.find('\n', begin);
      trail.push_back(Json::parse(lines.substr(begin, end - begin)));
      begin = end + 1;
    }
  }
  return trail;
}

void CheckAnswer(const World& world, const Memory& want, const Answer& answer, const Json& status,
                 const std::string& step) {
  INFO(step);
  if (status["gate_status"] != want.verdict) {
    FAIL_CHECK(absl::FormatTime(world.now, absl::UTCTimeZone()) << "\n"
                                                                << world.gate["spec"].dump() << "\n"
                                                                << Policy(world).dump() << "\n"
                                                                << status.dump());
  }
  REQUIRE(status["gate_status"] == want.verdict);
  REQUIRE(status["approved_artifact_id"] == (want.verdict == "approved" ? want.key.first : ""));
  REQUIRE(answer.Condition("AuditIntact") == "True ChainVerified");
  REQUIRE(status["audit"].size() <= 100);
  REQUIRE(status["history"].size() <= 50);
  REQUIRE(answer.bytes.size() < 200000);
  REQUIRE(answer.Ttl() >= absl::Seconds(1));
  const Json old_trail = OldTrail(world);
  if (!old_trail.is_null()) REQUIRE(IsContinuedBy(old_trail, status["audit"]));
  if (want.verdict == "approved") {
    for (const Json& requirement : status["requirements"]) REQUIRE(requirement["satisfied"] == true);
  }
}

TEST_CASE("Random lives of a gate go as the model says", "[model]") {
  std::mt19937 random(20260102);
  std::map<std::string, int> verdicts;
  int folded = 0;
  for (int life = 0; life < 24; ++life) {
    World world;
    world.has_key = life % 2 == 0;
    const bool is_long = life % 12 == 0;
    Actions actions(world, random, !is_long);
    for (int step = 0; step < (is_long ? 260 : 60); ++step) {
      actions.Random();
      const Memory want = Decide(world);
      const Answer answer = CallGate(world);
      const Json status = answer.Status();
      CheckAnswer(world, want, answer, status,
                  "life " + std::to_string(life) + ", step " + std::to_string(step));
      ++verdicts[want.verdict];
      folded += status["audit"][0]["action"] == "Checkpoint";
      // A round in which the pipeline is not known is not the last one of a reconcile: nothing is written.
      if (world.found == World::Found::kUnknown) continue;
      world.config_map = answer.Resource("gate-config");
      world.in_config_map = want;
      // Without a key, what the ConfigMap alone has is a claim, which is decided again: more than the model
      // knows.
      const bool status_write_fails = world.has_key && random() % 10 == 0;
      if (status_write_fails) continue;
      world.status = status;
      world.in_status = want;
    }
  }
  for (const char* verdict : {"pending", "approved", "rejected", "timeout"}) {
    INFO(verdict << ": " << verdicts[verdict]);
    CHECK(verdicts[verdict] > 40);
  }
  CHECK(folded > 0);
}

}  // namespace
}  // namespace runner
