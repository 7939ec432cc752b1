#include "function/manifest/names.h"

#include <set>
#include <string>
#include <vector>

#include "function/base/sha256.h"
#include "test/catch.h"

namespace manifest {
namespace {

using release::Environment;
using release::Step;

const Step kStep = {Environment::kStaging, Environment::kProduction};
const std::string kSubject = base::Sha256Hex("subject");

TEST_CASE("A name that fits stays, one that does not is cut and gets a hash", "[names]") {
  CHECK(FitName("abc", 12) == "abc");
  CHECK(FitName("abcdefghijkl", 12) == "abcdefghijkl");
  CHECK(FitName("abcdefghijklm", 12) == "abc-" + base::Sha256Hex("abcdefghijklm").substr(0, 8));
  // Neither a dash nor a dot before the hash: a DNS label ends in a letter or digit.
  CHECK(FitName("ab-.--xxxxxxxxxx", 14) == "ab-" + base::Sha256Hex("ab-.--xxxxxxxxxx").substr(0, 8));
}

TEST_CASE("Names that are cut stay different", "[names]") {
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) names.insert(FitName(std::string(300, 'a') + std::to_string(i), kMaxLabel));
  CHECK(names.size() == 100);
  for (const std::string& name : names) CHECK(name.size() == kMaxLabel);
}

TEST_CASE("The names of everything composed", "[names]") {
  CHECK(PipelineConfigName("acme") == "acme-release-pipeline-config");
  CHECK(CredentialsName("acme") == "acme-release-pipeline-credentials");
  CHECK(ServiceAccountName("acme") == "acme-release-pipeline-sa");
  CHECK(RoleName("acme") == "acme-release-pipeline-role");
  CHECK(RoleBindingName("acme") == "acme-release-pipeline-binding");
  CHECK(ClusterRoleName("acme", "team") == "acme-release-pipeline-role.team");
  CHECK(ClusterRoleBindingName("acme", "team") == "acme-release-pipeline-binding.team");
  CHECK(GateConfigName("acme", kStep) == "acme-staging-to-production-gate");
  CHECK(GateJobName("acme", kStep, kSubject) ==
        "acme-staging-to-production-timeout-" + kSubject.substr(0, 8));
  CHECK(GateJobKey(kSubject) == "gate-job-" + kSubject.substr(0, 8));
}

TEST_CASE("The longest tenant stays within the limits of Kubernetes", "[names]") {
  const std::string tenant(63, 'a');
  for (const std::string& name :
       {PipelineConfigName(tenant), CredentialsName(tenant), ServiceAccountName(tenant), RoleName(tenant),
        ClusterRoleBindingName(tenant, tenant), GateConfigName(tenant, kStep)}) {
    CHECK(name.size() <= kMaxSubdomain);
  }
  CHECK(GateJobName(tenant, kStep, kSubject).size() == kMaxLabel);
  CHECK(GateJobName(tenant, kStep, kSubject) != GateJobName(tenant, kStep, base::Sha256Hex("other")));
}

TEST_CASE("Cluster-scoped names of different tenants and namespaces never collide", "[names]") {
  // Neither part has a dot, so that the dot parts them.
  CHECK(ClusterRoleName("a", "b-c") != ClusterRoleName("a-b", "c"));
  CHECK(ClusterRoleName("a", "x") != ClusterRoleName("a", "y"));
  CHECK(ClusterRoleName("a", "release") != ClusterRoleName("a-release-pipeline-role", ""));
}

}  // namespace
}  // namespace manifest
