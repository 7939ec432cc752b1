#include "function/manifest/compose.h"

#include <set>
#include <string>
#include <vector>

#include "function/manifest/access.h"
#include "function/manifest/names.h"
#include "test/catch.h"
#include "test/support/golden.h"
#include "test/unit/manifest/objects.h"

namespace manifest {
namespace {

using base::Json;

const std::vector<std::pair<std::string, release::Composite (*)(const std::string&, const std::string&)>>
    kFlavours = {{"namespaced", Namespaced}, {"claim", WithClaim}, {"cluster-scoped", ClusterScoped}};

std::string Print(const std::vector<Composed>& resources) {
  Json all = Json::object();
  for (const Composed& composed : resources) all[composed.key] = composed.manifest;
  return all.dump(2) + "\n";
}

TEST_CASE("Every composed resource, in each flavour", "[manifest]") {
  for (const auto& [flavour, composite] : kFlavours) {
    test_support::CheckGolden("test/unit/manifest/testdata/pipeline-" + flavour + ".json",
                              Print(PipelineResources(composite("XReleasePipeline", "acme-pipeline"))));
    test_support::CheckGolden("test/unit/manifest/testdata/gate-" + flavour + ".json",
                              Print(GateResources(composite("XPromotionGate", "acme-dev-to-staging"))));
  }
}

std::vector<Json> AllResources() {
  std::vector<Json> all;
  for (const auto& [flavour, composite] : kFlavours) {
    for (const Composed& c : PipelineResources(composite("XReleasePipeline", "acme-pipeline")))
      all.push_back(c.manifest);
    for (const Composed& c : GateResources(composite("XPromotionGate", "acme-dev-to-staging")))
      all.push_back(c.manifest);
  }
  return all;
}

TEST_CASE("Every resource carries the labels, and in the namespaced flavour a namespace", "[manifest]") {
  for (const Json& resource : AllResources()) {
    INFO(resource["kind"] << " " << resource["metadata"]["name"]);
    const Json& labels = resource["metadata"]["labels"];
    for (const char* label :
         {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component",
          "app.kubernetes.io/part-of", "app.kubernetes.io/managed-by"}) {
      CHECK_FALSE(labels[label].get<std::string>().empty());
      CHECK(labels[label].get<std::string>().size() <= kMaxLabel);
    }
    CHECK(labels["platform.zerotouch.dev/tenant"] == "acme");
  }
  for (const Composed& c : PipelineResources(Namespaced("XReleasePipeline", "acme-pipeline"))) {
    CHECK(c.manifest["metadata"]["namespace"] == "team");
    CHECK(c.manifest["kind"] != "ClusterRole");
    CHECK(c.manifest["kind"] != "ClusterRoleBinding");
  }
}

TEST_CASE("Least privilege: every rule names its objects, but for reading Jobs", "[manifest]") {
  const std::set<std::string> allowed_verbs = {"get", "list", "watch", "create", "patch"};
  int rules = 0;
  for (const Json& resource : AllResources()) {
    if (resource["kind"] != "Role" && resource["kind"] != "ClusterRole") continue;
    for (const Json& rule : resource["rules"]) {
      INFO(resource["kind"] << ": " << rule);
      ++rules;
      CHECK(rule["apiGroups"].size() == 1);
      CHECK(rule["resources"].size() == 1);
      for (const Json& verb : rule["verbs"]) CHECK(allowed_verbs.count(verb) == 1);
      const bool reads_jobs = rule["resources"][0] == "jobs" && rule["apiGroups"][0] == "batch" &&
                              rule["verbs"] == Json::array({"get", "list", "watch"});
      CHECK((reads_jobs || (rule.contains("resourceNames") && !rule["resourceNames"].empty())));
      const std::string kind = rule["resources"][0];
      CHECK(kind.find('*') == std::string::npos);
      CHECK(kind.find("status") == std::string::npos);
      if (kind == "secrets") CHECK(rule["verbs"] == Json::array({"get"}));
      if (kind.find("pipelines") != std::string::npos) CHECK(rule["verbs"].size() == 3);
    }
  }
  CHECK(rules == 16);
}

TEST_CASE("A pipeline of one environment has no gate to write to", "[manifest]") {
  release::PipelineSpec spec = Pipeline();
  spec.environments = {release::Environment::kDev};
  const Json role = Role(Namespaced("XReleasePipeline", "acme-pipeline"), spec);
  for (const Json& rule : role["rules"]) {
    CHECK(rule["resources"][0] != "xpromotiongates");
  }
}

TEST_CASE("The binding comes once its role is there, and stays where the role is lost", "[manifest]") {
  const release::Composite composite = Namespaced("XReleasePipeline", "acme-pipeline");
  const auto has_binding = [&](const Observed& observed) {
    for (const Composed& c :
         ComposePipeline(composite, Pipeline(), DecidePipeline(composite), Settings(), observed)) {
      if (c.key == key::kPipelineRoleBinding) return true;
    }
    return false;
  };
  Observed none, role, binding, foreign;
  role.Add(key::kPipelineRole, {RoleName("acme"), true});
  binding.Add(key::kPipelineRoleBinding, {RoleBindingName("acme"), true});
  foreign.Add(key::kPipelineRole, {RoleName("acme"), false});
  CHECK_FALSE(has_binding(none));
  CHECK(has_binding(role));
  CHECK(has_binding(binding));
  CHECK_FALSE(has_binding(foreign));
}

struct ReadyCase {
  std::string reason;
  std::string kind;
  ObservedResource observed;
  bool ready;
};

TEST_CASE("Ready is what is there; some kinds have to say so themselves", "[manifest]") {
  const std::vector<ReadyCase> cases = {
      {"a ConfigMap that is there", "ConfigMap", {"n", true, ""}, true},
      {"under another name", "ConfigMap", {"m", true, ""}, false},
      {"of somebody else", "ConfigMap", {"n", false, ""}, false},
      {"a Job that is there, whatever it says", "Job", {"n", true, "False"}, true},
      {"an ExternalSecret that says nothing", "ExternalSecret", {"n", true, ""}, false},
      {"an ExternalSecret that failed", "ExternalSecret", {"n", true, "False"}, false},
      {"an ExternalSecret that is synced", "ExternalSecret", {"n", true, "True"}, true},
      {"an ExternalSecret of somebody else", "ExternalSecret", {"n", false, "True"}, false},
      {"a gate that is not ready", "XPromotionGate", {"n", true, "Unknown"}, false},
      {"a gate that is ready", "XPromotionGate", {"n", true, "True"}, true},
      {"a gate's claim that is not ready", "PromotionGate", {"n", true, ""}, false},
      {"a gate's claim that is ready", "PromotionGate", {"n", true, "True"}, true},
  };
  for (const ReadyCase& c : cases) {
    INFO(c.reason);
    std::vector<Composed> resources;
    resources.push_back({"key", {{"kind", c.kind}, {"metadata", {{"name", "n"}}}}});
    SetReadiness(resources, Observed());
    CHECK_FALSE(resources[0].ready);
    Observed observed;
    observed.Add("key", c.observed);
    SetReadiness(resources, observed);
    CHECK(resources[0].ready == c.ready);
  }
}

}  // namespace
}  // namespace manifest
