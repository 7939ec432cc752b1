#include "function/manifest/status.h"

#include <limits>
#include <string>

#include "function/manifest/config_map.h"
#include "test/catch.h"
#include "test/unit/manifest/objects.h"

namespace manifest {
namespace {

using base::Json;

// A gate at its second attempt, with something in every field.
release::GateDecision Full() {
  const release::Composite composite = Namespaced("XPromotionGate", "acme-dev-to-staging");
  release::GateInput gate = Gate(composite);
  gate.previous = release::Decide(gate, kNow).status;
  gate.config_map = gate.previous;
  gate.spec.attempt = 2;
  gate.spec.approvals[0].attempt = 2;
  release::Approval late = gate.spec.approvals[0];
  late.approver = "bob \"quoted\"\\ äöü";
  late.attempt = 1;
  gate.spec.approvals.push_back(late);
  gate.policy.soak_hours = 5;
  return release::Decide(gate, kNow + absl::Hours(1));
}

TEST_CASE("A gate's status reads back as it was written, from the XR and from the ConfigMap", "[status]") {
  const release::GateDecision decision = Full();
  const Json json = GateStatusToJson(decision.status);
  REQUIRE_FALSE(decision.status.history.empty());
  REQUIRE_FALSE(decision.status.approvals.counted.empty());
  REQUIRE_FALSE(decision.status.approvals.ignored.empty());
  const std::optional<release::GateStatus> from_status = GateStatusFromJson(json);
  REQUIRE(from_status.has_value());
  CHECK(GateStatusToJson(*from_status) == json);
  CHECK(from_status->audit == decision.status.audit);
  CHECK(from_status->requirements == decision.status.requirements);

  const release::Composite composite = Namespaced("XPromotionGate", "acme-dev-to-staging");
  const Json config_map = GateConfigMap(composite, Gate(composite).spec, decision);
  const std::optional<release::GateStatus> from_config_map = GateStatusFromConfigMap(config_map["data"]);
  REQUIRE(from_config_map.has_value());
  CHECK(GateStatusToJson(*from_config_map) == json);
}

TEST_CASE("Every field is always there, empty ones too", "[status]") {
  const Json json = GateStatusToJson(release::GateStatus());
  for (const char* field :
       {"gate_status", "subject", "approver", "approval_timestamp", "created_timestamp", "deadline",
        "approved_artifact_id", "requirements", "approvals", "audit", "history"}) {
    INFO(field);
    CHECK(json.contains(field));
  }
  CHECK(json.size() == 11);
  const Json pipeline = PipelineStatusToJson(release::PipelineStatus());
  CHECK(pipeline == Json({{"pipeline_id", ""},
                          {"current_environment", ""},
                          {"artifact_id", ""},
                          {"environments", Json::array()},
                          {"history", Json::array()}}));
}

TEST_CASE("A pipeline's status reads back as it was written", "[status]") {
  release::PipelineStatus status;
  status.pipeline_id = "team/acme-pipeline";
  status.current_environment = "staging";
  status.artifact_id = kApp;
  status.environments = {{"dev", kApp, kNow, "", ""},
                         {"staging", kApp, kNow, "acme-dev-to-staging", "approved"}};
  status.history = {{kApp, "dev", kNow, kNow + absl::Hours(1), kNow + absl::Hours(721)}, {kApp, "staging"}};
  const Json json = PipelineStatusToJson(status);
  CHECK(PipelineStatusToJson(PipelineStatusFromJson(json)) == json);
}

TEST_CASE("The ConfigMap's data is strings only, as Kubernetes wants it", "[status]") {
  const release::Composite composite = Namespaced("XPromotionGate", "acme-dev-to-staging");
  const Json config_map = GateConfigMap(composite, Gate(composite).spec, Full());
  for (const auto& [key, value] : config_map["data"].items()) {
    INFO(key);
    CHECK(value.is_string());
    CHECK(key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
          std::string::npos);
  }
}

TEST_CASE("A line of the trail that can't be read stays in it, so that the chain breaks", "[status]") {
  const release::GateDecision decision = Full();
  const std::string lines = AuditToJsonLines(decision.status.audit);
  CHECK(AuditFromJsonLines(lines) == decision.status.audit);
  for (const std::string damage : {"not JSON\n", "[]\n", "1\n", "{}\n"}) {
    const std::vector<release::AuditEntry> read = AuditFromJsonLines(lines + damage);
    CHECK(read.size() == decision.status.audit.size() + 1);
    CHECK_FALSE(release::VerifyAudit(read, {}).ok());
  }
  CHECK(AuditFromJsonLines("").empty());
  CHECK(AuditFromJsonLines("\n\n").empty());
}

TEST_CASE("An element of status.audit that is no object stays in it too", "[status]") {
  Json json = GateStatusToJson(Full().status);
  const size_t entries = json["audit"].size();
  json["audit"].insert(json["audit"].begin() + 1, "not an entry");
  CHECK(GateStatusFromJson(json)->audit.size() == entries + 1);
}

TEST_CASE("Of a list no more is read than a status can have", "[status]") {
  const Json many(std::vector<Json>(1000, Json::object()));
  Json json = GateStatusToJson(Full().status);
  json["requirements"] = json["approvals"]["counted"] = json["audit"] = many;
  const std::optional<release::GateStatus> status = GateStatusFromJson(json);
  REQUIRE(status);
  CHECK(status->requirements.size() == 50);
  CHECK(status->approvals.counted.size() == 100);
  CHECK(status->audit.size() == kMaxEntriesRead);
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "{}\n";
  CHECK(AuditFromJsonLines(lines).size() == kMaxEntriesRead);
}

// 32,768 characters of three bytes.
std::string Longest() {
  std::string text;
  for (int i = 0; i < 32768; ++i) text += "\u20ac";
  return text;
}

TEST_CASE("What a status has no room for is not read, or it could not be written again", "[status]") {
  const auto text = [](size_t size) { return std::string(size, 'x'); };
  Json json = GateStatusToJson(Full().status);
  json["requirements"][0] = {{"name", text(254)}, {"reason", text(254)}, {"message", text(32769)}};
  json["approvals"]["have"] = -1;
  json["approvals"]["need"] = int64_t{1} << 40;
  json["approvals"]["counted"][0] = {{"approver", text(254)}, {"rule", text(1025)}};
  json["approvals"]["ignored"][0] = {{"approver", text(254)}, {"reason", text(254)}};
  json["history"][0]["artifact_id"] = text(513);
  json["audit"][0] = {{"actor", text(16385)},
                      {"action", text(254)},
                      {"detail", text(32769)},
                      {"prev", text(65)},
                      {"hash", text(65)}};
  json["audit"][1] = {{"actor", text(16384)},
                      {"action", text(253)},
                      {"detail", Longest()},
                      {"prev", text(64)},
                      {"hash", text(64)}};
  json["approver"] = text(16385);
  const std::optional<release::GateStatus> status = GateStatusFromJson(json);
  REQUIRE(status);
  CHECK(status->requirements[0].name + status->requirements[0].reason + status->requirements[0].message ==
        "");
  CHECK(status->approvals.have == 0);
  CHECK(status->approvals.need == std::numeric_limits<int>::max());
  CHECK(status->approvals.counted[0].approver + status->approvals.counted[0].rule == "");
  CHECK(status->approvals.ignored[0].approver + status->approvals.ignored[0].reason == "");
  CHECK(status->history[0].artifact_id == "");
  CHECK(status->approver == "");
  CHECK(status->audit[0] == release::AuditEntry{0, absl::UnixEpoch()});
  CHECK(status->audit[1].actor.size() == 16384);
  CHECK(status->audit[1].action.size() == 253);
  CHECK(status->audit[1].detail == Longest());
  CHECK(status->audit[1].prev.size() + status->audit[1].hash.size() == 128);
}

TEST_CASE("What a pipeline's status lists without a name, or with one too long for it, is dropped",
          "[status]") {
  const Json unread = Json::array({{{"name", "an-environment"}}, {{"name", 1}}, Json::object()});
  Json json = PipelineStatusToJson({});
  json["environments"] = json["history"] = unread;
  json["environments"].push_back({{"name", "production"}});
  json["history"].push_back({{"artifact_id", std::string(513, 'x')}});
  json["history"].push_back({{"artifact_id", std::string(512, 'x')}});
  const release::PipelineStatus status = PipelineStatusFromJson(json);
  REQUIRE(status.environments.size() == 1);
  CHECK(status.environments[0].name == "production");
  REQUIRE(status.history.size() == 1);
  CHECK(status.history[0].artifact_id.size() == 512);
}

TEST_CASE("Of a ConfigMap's trail no more is read than a ConfigMap holds", "[status]") {
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += Json({{"actor", std::string(16000, 'x')}}).dump() + "\n";
  const size_t read = AuditFromJsonLines(lines).size();
  CHECK(read > release::kMaxAuditBytes / 16100);
  CHECK(read < 2 + release::kMaxAuditBytes / 16000);
}

TEST_CASE("What is no status is none, and what is odd in one is dropped", "[status]") {
  for (const Json& nothing :
       {Json(), Json(1), Json::array(), Json::object(), Json({{"conditions", Json::array()}})}) {
    CHECK_FALSE(GateStatusFromJson(nothing).has_value());
    CHECK_FALSE(GateStatusFromConfigMap(nothing).has_value());
  }
  const std::optional<release::GateStatus> odd = GateStatusFromJson({{"subject", "s"},
                                                                     {"gate_status", 1},
                                                                     {"requirements", {{"a", 1}}},
                                                                     {"approvals", Json::array()},
                                                                     {"history", "x"},
                                                                     {"deadline", 5}});
  REQUIRE(odd.has_value());
  CHECK(odd->verdict == release::Verdict::kPending);
  CHECK(odd->requirements.empty());
  CHECK(odd->history.empty());
}

}  // namespace
}  // namespace manifest
