#include "test/stories/export.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "function/base/time.h"
#include "function/codec/struct_json.h"
#include "function/release/settings.h"

namespace test {
namespace {

using base::Json;

const char* Folder() { return std::getenv("EXPORT_STORIES"); }

// "A forged name, signed" → "a-forged-name-signed"
std::string FileName(const std::string& name) {
  std::string file;
  for (char c : name) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      file += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!file.empty() && file.back() != '-') {
      file += '-';
    }
  }
  return file;
}

Json Decoded(const std::string& wire) {
  absl::StatusOr<Json> object = codec::DecodeStruct(wire);
  if (!object.ok()) throw std::runtime_error(std::string(object.status().message()));
  return *std::move(object);
}

const char* Text(fn::lazy::Status status) {
  if (status == fn::lazy::STATUS_CONDITION_TRUE) return "True";
  return status == fn::lazy::STATUS_CONDITION_FALSE ? "False" : "Unknown";
}

const char* Text(Expect expect) {
  if (expect == Expect::kAnything) return "";
  return expect == Expect::kOpen ? "open" : "closed";
}

Json ToJson(const fn::lazy::RunFunctionResponse& answer) {
  Json json = {{"conditions", Json::array()}, {"results", Json::array()}, {"resources", Json::object()}};
  for (const fn::lazy::Result& result : answer.results()) {
    if (result.severity() == fn::lazy::SEVERITY_FATAL) return {{"fatal", result.message()}};
    const bool normal = result.severity() == fn::lazy::SEVERITY_NORMAL;
    json["results"].push_back({{"severity", normal ? "Normal" : "Warning"},
                               {"reason", result.reason()},
                               {"message", result.message()}});
  }
  for (const fn::lazy::Condition& condition : answer.conditions()) {
    json["conditions"].push_back({{"type", condition.type()},
                                  {"status", Text(condition.status())},
                                  {"reason", condition.reason()},
                                  {"message", condition.message()}});
  }
  for (const auto& [key, resource] : answer.desired().resources()) {
    json["resources"][key] = Decoded(resource.resource());
  }
  json["status"] = Decoded(answer.desired().composite().resource())["status"];
  return json;
}

Json Input(const ClusterOptions& options) {
  Json input = options.input;
  input["apiVersion"] = release::kInputApiVersion;
  input["kind"] = release::kInputKind;
  return input;
}

}  // namespace

void Export(const World& world, const std::string& name, const Moment& moment, Expect expect) {
  if (Folder() == nullptr) return;
  const ClusterOptions& options = world.cluster.options();
  const char* flavour = options.flavour == release::Flavour::kClaims ? "claims" : "namespaced";
  Json observed = Json::array();
  for (const auto& [key, object] : moment.observed) observed.push_back(*object);
  Json required = Json::array();
  for (const ObjectPtr& object : moment.required) required.push_back(*object);
  const Json exported = {{"name", absl::StrCat(name, " (", flavour, ")")},
                         {"flavour", flavour},
                         {"now", base::FormatTime(moment.now)},
                         {"input", Input(options)},
                         {"audit_key", options.audit_key},
                         {"expect", Text(expect)},
                         {"xr", *moment.xr},
                         {"observed", std::move(observed)},
                         {"required", std::move(required)},
                         {"answer", ToJson(moment.answer)}};
  const std::filesystem::path path =
      std::filesystem::path(Folder()) / absl::StrCat(FileName(absl::StrCat(flavour, "-", name)), ".json");
  if (std::filesystem::exists(path)) throw std::runtime_error(path.string() + ": is there already");
  std::ofstream file(path);
  file << exported.dump(1) << "\n";
  if (!file) throw std::runtime_error(path.string() + ": cannot be written");
}

void ExportReconciles(World& world, const std::string& story) {
  if (Folder() == nullptr) return;
  const auto number = std::make_shared<int>(0);
  world.cluster.Record([&world, story, number](const Ref& ref, const Moment& moment) {
    Export(world, absl::StrFormat("%s %02d %s", story, ++*number, ref.kind), moment, Expect::kAnything);
  });
}

}  // namespace test
