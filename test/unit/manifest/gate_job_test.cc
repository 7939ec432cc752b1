#include "function/manifest/gate_job.h"

#include <algorithm>
#include <string>
#include <vector>

#include "test/catch.h"
#include "test/unit/manifest/objects.h"

namespace manifest {
namespace {

using base::Json;

Json Job(release::Verdict verdict = release::Verdict::kPending, bool suspend = false) {
  const release::Composite composite = Namespaced("XPromotionGate", "acme-dev-to-staging");
  const release::GateInput gate = Gate(composite);
  release::GateStatus status = release::Decide(gate, kNow).status;
  status.verdict = verdict;
  release::Settings settings = Settings();
  settings.gate_job.suspend = suspend;
  return GateJob(composite, gate.spec, status, settings, "registry.example.org/function:v1");
}

// The controls of the profile "restricted" (kubernetes.io/docs/concepts/security/pod-security-standards),
// those of "baseline" among them: the field, and what it may be.
struct Control {
  std::string control;
  const char* pointer;
  std::vector<Json> allowed;  // null: not set
};

TEST_CASE("The Job's pod satisfies Pod Security \"restricted\"", "[job]") {
  const Json pod = Job()["spec"]["template"]["spec"];
  const std::vector<Control> controls = {
      {"HostProcess", "/securityContext/windowsOptions", {nullptr}},
      {"HostProcess", "/containers/0/securityContext/windowsOptions", {nullptr}},
      {"Host namespaces", "/hostNetwork", {nullptr, false}},
      {"Host namespaces", "/hostPID", {nullptr, false}},
      {"Host namespaces", "/hostIPC", {nullptr, false}},
      {"Privileged containers", "/containers/0/securityContext/privileged", {nullptr, false}},
      {"Host ports", "/containers/0/ports", {nullptr}},
      {"AppArmor", "/securityContext/appArmorProfile", {nullptr}},
      {"SELinux", "/securityContext/seLinuxOptions", {nullptr}},
      {"SELinux", "/containers/0/securityContext/seLinuxOptions", {nullptr}},
      {"/proc mount type", "/containers/0/securityContext/procMount", {nullptr, "Default"}},
      {"Sysctls", "/securityContext/sysctls", {nullptr}},
      {"Privilege escalation", "/containers/0/securityContext/allowPrivilegeEscalation", {false}},
      {"Running as non-root", "/securityContext/runAsNonRoot", {true}},
      {"Running as non-root", "/containers/0/securityContext/runAsNonRoot", {nullptr, true}},
      {"Running as non-root user", "/securityContext/runAsUser", {2000}},
      {"Running as non-root user", "/containers/0/securityContext/runAsUser", {nullptr}},
      {"Seccomp", "/securityContext/seccompProfile/type", {"RuntimeDefault", "Localhost"}},
      {"Seccomp", "/containers/0/securityContext/seccompProfile", {nullptr}},
      {"Capabilities", "/containers/0/securityContext/capabilities", {{{"drop", Json::array({"ALL"})}}}},
      {"Init containers have to satisfy it too", "/initContainers", {nullptr}},
      {"Ephemeral containers have to satisfy it too", "/ephemeralContainers", {nullptr}},
  };
  for (const Control& c : controls) {
    INFO(c.control << ": " << c.pointer);
    const Json::json_pointer pointer(c.pointer);
    const Json found = pod.contains(pointer) ? pod.at(pointer) : Json();
    CHECK(std::find(c.allowed.begin(), c.allowed.end(), found) != c.allowed.end());
  }
  CHECK(pod["containers"].size() == 1);
  // Volume types: configMap, csi, downwardAPI, emptyDir, ephemeral, persistentVolumeClaim, projected, secret.
  for (const Json& volume : pod["volumes"]) {
    CHECK(volume.size() == 2);
    CHECK(volume.contains("configMap"));
  }
}

TEST_CASE("The pod has no token, writes nothing and reads the gate's ConfigMap", "[job]") {
  const Json pod = Job()["spec"]["template"]["spec"];
  CHECK(pod["automountServiceAccountToken"] == false);
  CHECK_FALSE(pod.contains("serviceAccountName"));
  CHECK(pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] == true);
  CHECK(pod["containers"][0]["volumeMounts"][0]["readOnly"] == true);
  CHECK(pod["volumes"][0]["configMap"]["name"] == "acme-dev-to-staging-gate");
  CHECK(pod["restartPolicy"] == "Never");
  const Json subject = pod["containers"][0]["args"][5];
  CHECK(subject.get<std::string>().size() == 64);
}

TEST_CASE("Kubernetes ends the Job a little after the deadline, and never deletes it", "[job]") {
  const Json spec = Job()["spec"];
  CHECK(spec["activeDeadlineSeconds"] == 24 * 3600 + 600);
  CHECK_FALSE(spec.contains("ttlSecondsAfterFinished"));
}

TEST_CASE("The exits of rejected, timed out and superseded are final", "[job]") {
  const Json rules = Job()["spec"]["podFailurePolicy"]["rules"];
  CHECK(rules[0]["action"] == "FailJob");
  CHECK(rules[0]["onExitCodes"]["values"] == Json::array({1, 2, 3}));
  CHECK(rules[0]["onExitCodes"]["containerName"] ==
        Job()["spec"]["template"]["spec"]["containers"][0]["name"]);
  CHECK(rules[1]["action"] == "Ignore");
}

TEST_CASE("With suspend the Job waits for the verdict without a pod", "[job]") {
  CHECK_FALSE(Job()["spec"].contains("suspend"));
  CHECK(Job(release::Verdict::kPending, true)["spec"]["suspend"] == true);
  for (const release::Verdict verdict :
       {release::Verdict::kApproved, release::Verdict::kRejected, release::Verdict::kTimeout}) {
    CHECK(Job(verdict, true)["spec"]["suspend"] == false);
  }
}

TEST_CASE("Nothing of the Job's pod template changes with the verdict", "[job]") {
  for (const release::Verdict verdict : {release::Verdict::kApproved, release::Verdict::kTimeout}) {
    CHECK(Job(verdict, true)["spec"]["template"] == Job()["spec"]["template"]);
  }
}

TEST_CASE("The Job that is there keeps its image", "[job]") {
  const release::Composite composite = Namespaced("XPromotionGate", "acme-dev-to-staging");
  const release::GateInput gate = Gate(composite);
  const release::GateDecision decision = release::Decide(gate, kNow);
  const std::string name = GateResources(composite)[1].manifest["metadata"]["name"];
  const std::string key = GateResources(composite)[1].key;
  const std::vector<std::pair<ObservedResource, std::string>> cases = {
      {{name, true, "", "old:v0"}, "old:v0"},
      {{name, true, "", ""}, "registry.example.org/function:v1"},
      {{name, false, "", "old:v0"}, "registry.example.org/function:v1"},
      {{"another", true, "", "old:v0"}, "registry.example.org/function:v1"},
  };
  for (const auto& [there, image] : cases) {
    Observed observed;
    observed.Add(key, there);
    const Json job = ComposeGate(composite, gate.spec, decision, Settings(), observed)[1].manifest;
    CHECK(job["spec"]["template"]["spec"]["containers"][0]["image"] == image);
  }
}

}  // namespace
}  // namespace manifest
