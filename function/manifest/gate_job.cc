#include "function/manifest/gate_job.h"

#include "function/manifest/names.h"

namespace manifest {
namespace {

using base::Json;

constexpr char kContainer[] = "gate";
constexpr char kMountPath[] = "/gate";
constexpr int kUser = 2000;  // as Crossplane runs a function's image

// Everything that Pod Security "restricted" asks for, and no token: the command only reads its mounted
// ConfigMap.
Json PodSpec(const release::GateSpec& spec, const std::string& subject, const std::string& image) {
  Json container = {
      {"name", kContainer},
      {"image", image},
      {"args", Json::array({"gate", "wait", "--dir", kMountPath, "--subject", subject})},
      {"terminationMessagePolicy", "FallbackToLogsOnError"},
      {"resources",
       {{"requests", {{"cpu", "10m"}, {"memory", "16Mi"}}}, {"limits", Json::object({{"memory", "64Mi"}})}}},
      {"securityContext",
       {{"allowPrivilegeEscalation", false},
        {"readOnlyRootFilesystem", true},
        {"capabilities", Json::object({{"drop", Json::array({"ALL"})}})}}},
      {"volumeMounts",
       Json::array({Json::object({{"name", kContainer}, {"mountPath", kMountPath}, {"readOnly", true}})})}};
  return {
      {"restartPolicy", "Never"},
      {"automountServiceAccountToken", false},
      {"enableServiceLinks", false},
      {"securityContext",
       {{"runAsNonRoot", true},
        {"runAsUser", kUser},
        {"runAsGroup", kUser},
        {"seccompProfile", Json::object({{"type", "RuntimeDefault"}})}}},
      {"containers", Json::array({std::move(container)})},
      {"volumes", Json::array({Json::object(
                      {{"name", kContainer},
                       {"configMap", Json::object({{"name", GateConfigName(spec.tenant, spec.step)}})}})})}};
}

// An exit code that is a verdict ends the Job; a pod that was evicted does not count.
Json PodFailurePolicy() {
  const Json verdict = {{"action", "FailJob"},
                        {"onExitCodes",
                         {{"containerName", kContainer},
                          {"operator", "In"},
                          {"values", Json::array({kWaitRejected, kWaitTimedOut, kWaitSuperseded})}}}};
  const Json disruption = {
      {"action", "Ignore"},
      {"onPodConditions", Json::array({Json::object({{"type", "DisruptionTarget"}, {"status", "True"}})})}};
  return Json::object({{"rules", Json::array({verdict, disruption})}});
}

}  // namespace

Json GateJob(const release::Composite& composite, const release::GateSpec& spec,
             const release::GateStatus& status, const release::Settings& settings, const std::string& image) {
  const Json labels = Labels(composite, spec.tenant, "gate-job");
  Json job = Object("batch/v1", "Job", GateJobName(spec.tenant, spec.step, status.subject),
                    composite.namespace_name, labels);
  const int64_t lifetime = absl::ToInt64Seconds(status.deadline - status.created_timestamp);
  job["spec"] = {
      {"backoffLimit", 6},
      {"activeDeadlineSeconds", lifetime + kJobGraceSeconds},
      {"podFailurePolicy", PodFailurePolicy()},
      {"template",
       {{"metadata", Json::object({{"labels", labels}})}, {"spec", PodSpec(spec, status.subject, image)}}}};
  if (settings.gate_job.suspend) job["spec"]["suspend"] = status.verdict == release::Verdict::kPending;
  return job;
}

}  // namespace manifest
