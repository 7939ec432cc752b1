#include "function/codec/gate_codec.h"

#include <string>
#include <vector>

#include "function/codec/struct_json.h"
#include "function/manifest/status.h"
#include "test/catch.h"
#include "test/unit/codec/cases.h"

namespace codec {
namespace {

using base::Json;

constexpr char kApp[] = "ghcr.io/acme/app:main-abc123";

Json Minimal() {
  return {{"tenant", "acme"},
          {"artifact_id", kApp},
          {"source_environment", "dev"},
          {"target_environment", "staging"}};
}

absl::StatusOr<release::GateSpec> Decode(const Json& spec) {
  const std::string object =
      EncodeStruct({{"apiVersion", "x"}, {"metadata", Json::object()}, {"spec", spec}});
  return DecodeGateSpec(StructView(object));
}

TEST_CASE("A gate's defaults", "[codec]") {
  const absl::StatusOr<release::GateSpec> gate = Decode(Minimal());
  REQUIRE(gate.ok());
  CHECK(gate->tenant == "acme");
  CHECK(gate->artifact_id == kApp);
  CHECK(gate->step == release::Step{release::Environment::kDev, release::Environment::kStaging});
  CHECK(gate->approval_required);
  CHECK(gate->timeout_hours == 24);
  CHECK(gate->pipeline == "acme-pipeline");
  CHECK(gate->attempt == 1);
  CHECK(gate->requested_by.empty());
  CHECK(gate->approvals.empty());
  CHECK(gate->checks.empty());
  CHECK_FALSE(gate->override.has_value());
}

TEST_CASE("Every field of a gate", "[codec]") {
  const absl::StatusOr<release::GateSpec> gate = Decode(Patch(Minimal(), R"({
      "source_environment": "staging", "target_environment": "production", "approval_required": false,
      "timeout_hours": 168, "pipeline": "other.pipeline", "attempt": 1000000, "requested_by": "rita",
      "approvals": [
        {"approver": "alice", "decision": "approve", "artifact_id": "ghcr.io/a/b:abcdef", "attempt": 3,
         "comment": "fine\nby me", "signature": "-----BEGIN"},
        {"approver": "Bob B. <bob@x>", "decision": "reject", "artifact_id": "ghcr.io/a/b:abcdef"}],
      "checks": [
        {"name": "unit", "state": "failure", "artifact_id": "ghcr.io/a/b:abcdef", "attempt": 2, "message": "m",
         "url": "https://x"},
        {"name": "e2e", "artifact_id": "ghcr.io/a/b:abcdef"}],
      "override": {"by": "boss", "reason": "down", "artifact_id": "ghcr.io/a/b:abcdef", "attempt": 4,
                   "signature": "s"}})"));
  REQUIRE(gate.ok());
  CHECK(gate->step == release::Step{release::Environment::kStaging, release::Environment::kProduction});
  CHECK_FALSE(gate->approval_required);
  CHECK(gate->timeout_hours == 168);
  CHECK(gate->pipeline == "other.pipeline");
  CHECK(gate->attempt == 1000000);
  CHECK(gate->requested_by == "rita");
  REQUIRE(gate->approvals.size() == 2);
  CHECK(gate->approvals[0].approver == "alice");
  CHECK(gate->approvals[0].decision == release::Decision::kApprove);
  CHECK(gate->approvals[0].artifact_id == "ghcr.io/a/b:abcdef");
  CHECK(gate->approvals[0].attempt == 3);
  CHECK(gate->approvals[0].comment == "fine\nby me");
  CHECK(gate->approvals[0].signature == "-----BEGIN");
  CHECK(gate->approvals[1].approver == "Bob B. <bob@x>");
  CHECK(gate->approvals[1].decision == release::Decision::kReject);
  CHECK(gate->approvals[1].attempt == 1);
  REQUIRE(gate->checks.size() == 2);
  CHECK(gate->checks[0].name == "unit");
  CHECK(gate->checks[0].state == release::CheckState::kFailure);
  CHECK(gate->checks[0].attempt == 2);
  CHECK(gate->checks[0].message == "m");
  CHECK(gate->checks[0].url == "https://x");
  CHECK(gate->checks[1].state == release::CheckState::kPending);
  REQUIRE(gate->override.has_value());
  CHECK(gate->override->by == "boss");
  CHECK(gate->override->reason == "down");
  CHECK(gate->override->attempt == 4);
  CHECK(gate->override->signature == "s");
}

TEST_CASE("What Crossplane keeps in a gate's spec is no error", "[codec]") {
  CHECK(Decode(Patch(Minimal(), R"({
      "crossplane": {"compositionRef": {"name": "x"}, "resourceRefs": []}, "claimRef": {"name": "x"},
      "resourceRef": {}, "resourceRefs": [], "compositionRef": {}, "compositionSelector": {},
      "compositionRevisionRef": {}, "compositionRevisionSelector": {}, "compositionUpdatePolicy": "Automatic",
      "compositeDeletePolicy": "Background", "writeConnectionSecretToRef": {}, "publishConnectionDetailsTo": {}})"))
            .ok());
}

const std::vector<PatchCase> kInvalid = {
    {"no spec", "null"},
    {"an empty spec",
     R"({"tenant":null,"artifact_id":null,"source_environment":null,"target_environment":null})"},
    {"a spec that is text", R"("x")"},
    {"tenant: a number", R"({"tenant":7})"},
    {"tenant: empty", R"({"tenant":""})"},
    {"tenant: upper case", R"({"tenant":"Acme"})"},
    {"tenant: a dot", R"({"tenant":"a.b"})"},
    {"tenant: a dash at its end", R"({"tenant":"a-"})"},
    {"tenant: too long", R"({"tenant":{"of":"a","times":64}})"},
    {"artifact_id: a list", R"({"artifact_id":["x"]})"},
    {"artifact_id: empty", R"({"artifact_id":""})"},
    {"artifact_id: latest", R"({"artifact_id":"ghcr.io/a/b:latest"})"},
    {"artifact_id: a branch", R"({"artifact_id":"ghcr.io/a/b:main"})"},
    {"artifact_id: no tag", R"({"artifact_id":"ghcr.io/a/b"})"},
    {"artifact_id: five digits", R"({"artifact_id":"ghcr.io/a/b:abcde"})"},
    {"artifact_id: a short digest", R"({"artifact_id":"ghcr.io/a/b@sha256:abc"})"},
    {"artifact_id: two lines", R"({"artifact_id":"ghcr.io/a/b:abcdef\ngate: x"})"},
    {"artifact_id: 513 characters", R"({"artifact_id":{"of":"a","times":513}})"},
    {"artifact_id: a megabyte", R"({"artifact_id":{"of":"a","times":1048576}})"},
    {"source_environment: no such environment", R"({"source_environment":"qa"})"},
    {"source_environment: the last one", R"({"source_environment":"production"})"},
    {"target_environment: the first one", R"({"target_environment":"dev"})"},
    {"target_environment: the source", R"({"source_environment":"staging"})"},
    {"approval_required: text", R"({"approval_required":"false"})"},
    {"timeout_hours: text", R"({"timeout_hours":"24"})"},
    {"timeout_hours: none", R"({"timeout_hours":0})"},
    {"timeout_hours: more than a week", R"({"timeout_hours":169})"},
    {"timeout_hours: a fraction", R"({"timeout_hours":0.5})"},
    {"timeout_hours: more than an integer holds", R"({"timeout_hours":1e18})"},
    {"pipeline: empty", R"({"pipeline":""})"},
    {"pipeline: a path", R"({"pipeline":"a/b"})"},
    {"pipeline: too long", R"({"pipeline":{"of":"a","times":254}})"},
    {"attempt: none", R"({"attempt":0})"},
    {"attempt: too high", R"({"attempt":1000001})"},
    {"attempt: a boolean", R"({"attempt":true})"},
    {"requested_by: two lines", R"({"requested_by":"a\nb"})"},
    {"requested_by: a blank at its end", R"({"requested_by":"a "})"},
    {"requested_by: too long", R"({"requested_by":{"of":"ä","times":254}})"},
    {"approvals: an object", R"({"approvals":{}})"},
    {"approvals: text in the list", R"({"approvals":["alice"]})"},
    {"approvals: nothing in the entry", R"({"approvals":[{}]})"},
    {"approvals: an unknown field",
     R"({"approvals":[{"approver":"a","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef","artifact":"x"}]})"},
    {"approvals: everything is wrong",
     R"({"approvals":[{"approver":" a","decision":"maybe","artifact_id":"x","attempt":-1,"comment":{},"signature":[]}]})"},
    {"approvals: an empty name",
     R"({"approvals":[{"approver":"","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef"}]})"},
    {"approvals: one approver twice",
     R"({"approvals":[{"approver":"a","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef"},{"approver":"a","decision":"reject","artifact_id":"ghcr.io/a/b:abcdef"}]})"},
    {"approvals: 51 of them",
     R"({"approvals":{"of":{"approver":"a%","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef"},"times":51}})"},
    {"approvals: a long comment",
     R"({"approvals":[{"approver":"a","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef","comment":{"of":"x","times":1025}}]})"},
    {"approvals: a long signature",
     R"({"approvals":[{"approver":"a","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef","signature":{"of":"x","times":16385}}]})"},
    {"checks: nothing in the entry", R"({"checks":[{}]})"},
    {"checks: no such state",
     R"({"checks":[{"name":"unit","state":"ok","artifact_id":"ghcr.io/a/b:abcdef"}]})"},
    {"checks: one name twice",
     R"({"checks":[{"name":"unit","artifact_id":"ghcr.io/a/b:abcdef"},{"name":"unit","artifact_id":"ghcr.io/a/b:abcdef"}]})"},
    {"checks: a long message and a long url",
     R"({"checks":[{"name":"unit","artifact_id":"ghcr.io/a/b:abcdef","message":{"of":"x","times":1025},"url":{"of":"x","times":1025}}]})"},
    {"checks: an unknown field",
     R"({"checks":[{"name":"unit","artifact_id":"ghcr.io/a/b:abcdef","status":"success"}]})"},
    {"override: a list", R"({"override":[]})"},
    {"override: nothing in it", R"({"override":{}})"},
    {"override: no reason given",
     R"({"override":{"by":"boss","reason":"","artifact_id":"ghcr.io/a/b:abcdef"}})"},
    {"override: an unknown field",
     R"({"override":{"by":"boss","reason":"down","artifact_id":"ghcr.io/a/b:abcdef","approver":"x"}})"},
    {"an unknown field", R"({"approvers":["alice"]})"},
    {"a hundred unknown fields",
     R"({"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1})"},
    {"an unknown field with a long name of many lines",
     "{\"x\\n\\n\\u0007xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\":1}"},
};

TEST_CASE("What is wrong with a gate is told with its place and what is allowed", "[codec]") {
  CheckMessages("gate.txt", kInvalid, [](const std::string& patch) {
    if (patch == "null") return DecodeGateSpec(StructView()).status();
    return Decode(Patch(Minimal(), patch)).status();
  });
}

TEST_CASE("A status that is not ours reads as what it holds, and never crashes", "[codec]") {
  for (const char* text : {"{}", R"({"status":"x"})", R"({"status":{}})", R"({"status":{"audit":"x"}})"}) {
    INFO(text);
    const std::string object = EncodeStruct(Json::parse(text));
    CHECK_FALSE(DecodeGateStatus(StructView(object)).has_value());
  }
  const std::string odd =
      EncodeStruct(Json::parse(R"({"status":{"subject":"s","gate_status":"open","audit":[1,{}],
      "approvals":{"have":"x","counted":[{"approver":7}]},"history":[[],{"attempt":1.5}],"deadline":"soon"}})"));
  const std::optional<release::GateStatus> status = DecodeGateStatus(StructView(odd));
  REQUIRE(status.has_value());
  CHECK(status->verdict == release::Verdict::kPending);
  CHECK(status->audit.size() == 2);
  CHECK(status->history.size() == 1);
  CHECK(status->approvals.counted.size() == 1);
}

TEST_CASE("A trail that is read alone reads as the one of the whole status", "[codec]") {
  const std::string long_text(32769, 'x');
  const std::vector<Json> elements = {
      {{"seq", 7},
       {"time", "2026-01-02T03:04:05Z"},
       {"actor", "alice"},
       {"action", "ApprovedBy"},
       {"detail", "{}"},
       {"prev", "00"},
       {"hash", "ff"},
       {"more", Json::array({1})}},
      Json::object(),
      Json::array(),
      "text",
      1,
      nullptr,
      true,
      {{"seq", 1.5}, {"time", "soon"}, {"actor", 7}, {"action", nullptr}, {"detail", Json::object()}},
      {{"seq", 1e300}},
      {{"seq", -1}},
      {{"seq", "1"}},
      {{"time", "2026-01-02T03:04:05.5+01:00"}},
      {{"detail", long_text}},
      {{"actor", long_text}},
      {{"action", std::string(254, 'x')}},
      {{"prev", std::string(65, 'x')}},
      {{"hash", std::string(65, 'x')}},
      {{"detail", long_text.substr(1)}}};
  for (const Json& element : elements) {
    INFO(element.dump().substr(0, 200));
    const std::string wire = EncodeStruct({{"status", {{"audit", Json::array({element})}}}});
    const Json json = *DecodeStruct(wire);
    REQUIRE(json["status"]["audit"].size() == 1);
    CHECK(DecodeAudit(StructView(wire)) == manifest::AuditFromJson(json["status"]["audit"]));
  }
  for (const char* none : {"{}", R"({"status":1})", R"({"status":{}})", R"({"status":{"audit":"x"}})"}) {
    INFO(none);
    CHECK(DecodeAudit(StructView(EncodeStruct(Json::parse(none)))).empty());
  }
  CHECK(DecodeAudit(StructView()).empty());
  const std::string many = EncodeStruct({{"status", {{"audit", std::vector<Json>(1000)}}}});
  CHECK(DecodeAudit(StructView(many)).size() == manifest::kMaxEntriesRead);
}

TEST_CASE("A status that is nested too deeply counts as none", "[codec]") {
  Json deep = 1;
  for (int i = 0; i < 300; ++i) deep = Json::array({std::move(deep)});
  const std::string object = EncodeStruct({{"status", {{"subject", "s"}, {"x", deep}}}});
  CHECK_FALSE(DecodeGateStatus(StructView(object)).has_value());
}

}  // namespace
}  // namespace codec
