// Names and labels of everything composed. The names are the contract with the scripts that read the result.
#ifndef FUNCTION_MANIFEST_NAMES_H_
#define FUNCTION_MANIFEST_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "function/base/json.h"
#include "function/release/composite.h"
#include "function/release/environment.h"

namespace manifest {

// Kubernetes' limits: a DNS subdomain name; a Job's name, which becomes a label value of its pods.
inline constexpr size_t kMaxSubdomain = 253;
inline constexpr size_t kMaxLabel = 63;

// `name` where it fits into `limit`, else its beginning and a hash of the whole.
std::string FitName(absl::string_view name, size_t limit);

std::string PipelineConfigName(absl::string_view tenant);
std::string CredentialsName(absl::string_view tenant);
std::string ServiceAccountName(absl::string_view tenant);
std::string RoleName(absl::string_view tenant);
std::string RoleBindingName(absl::string_view tenant);
// What is cluster-scoped ends in ".<namespace>": a dot is in neither part, so that names never collide.
std::string ClusterRoleName(absl::string_view tenant, absl::string_view namespace_name);
std::string ClusterRoleBindingName(absl::string_view tenant, absl::string_view namespace_name);
std::string GateConfigName(absl::string_view tenant, const release::Step& step);
std::string GateJobName(absl::string_view tenant, const release::Step& step, absl::string_view subject);

// The keys by which Crossplane knows the composed resources.
namespace key {
inline constexpr char kPipelineConfig[] = "pipeline-config";
inline constexpr char kPipelineCredentials[] = "pipeline-credentials";
inline constexpr char kPipelineServiceAccount[] = "pipeline-service-account";
inline constexpr char kPipelineRole[] = "pipeline-role";
inline constexpr char kPipelineRoleBinding[] = "pipeline-role-binding";
inline constexpr char kPipelineClusterRole[] = "pipeline-cluster-role";
inline constexpr char kPipelineClusterRoleBinding[] = "pipeline-cluster-role-binding";
inline constexpr char kGateConfig[] = "gate-config";
inline constexpr char kGateJobPrefix[] = "gate-job-";
}  // namespace key

// "gate-job-1a2b3c4d": another attempt is another Job, because a Job's pod template is immutable.
std::string GateJobKey(absl::string_view subject);

// The app.kubernetes.io labels and the tenant's.
base::Json Labels(const release::Composite& composite, absl::string_view tenant, absl::string_view component);

// {apiVersion, kind, metadata {name, namespace, labels}}; `namespace_name` is empty for what is
// cluster-scoped.
base::Json Object(absl::string_view api_version, absl::string_view kind, absl::string_view name,
                  absl::string_view namespace_name, base::Json labels);

}  // namespace manifest

#endif  // FUNCTION_MANIFEST_NAMES_H_
