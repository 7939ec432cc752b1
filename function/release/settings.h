// What the platform team sets in the Composition: the function's Input.
#ifndef FUNCTION_RELEASE_SETTINGS_H_
#define FUNCTION_RELEASE_SETTINGS_H_

#include <map>
#include <string>

#include "absl/time/time.h"
#include "function/release/policy.h"

namespace release {

inline constexpr char kInputApiVersion[] = "release.fn.zerotouch.dev/v1beta1";
inline constexpr char kInputKind[] = "Input";

struct SecretStore {
  std::string name = "aws-parameter-store";
  std::string kind = "ClusterSecretStore";
};

// Paths in the secret store. `{tenant}` stands for the tenant's name.
struct SecretPaths {
  std::string github_token = "/zerotouch/prod/release-pipeline/github-token";
  std::string registry_token = "/zerotouch/prod/release-pipeline/registry-token";
};

struct GateJob {
  std::string image;     // this project's own image
  bool suspend = false;  // keep the Job suspended until the verdict
};

struct Settings {
  std::string namespace_name = "platform-system";  // for a cluster-scoped XR without a claim
  SecretStore secret_store;
  SecretPaths secret_paths;
  std::string refresh_interval = "1h";                             // of the ExternalSecret
  std::map<std::string, std::string> service_account_annotations;  // `{tenant}` stands for the tenant's name
  GateJob gate_job;
  std::map<std::string, StepPolicy> policy;          // by Step::Key(); the freezes are in each
  std::map<std::string, StepTrust> trust;            // by Step::Key()
  absl::Duration poll_interval = absl::Seconds(60);  // while a gate is pending
  absl::Duration heartbeat = absl::Minutes(10);      // once it is final
};

}  // namespace release

#endif  // FUNCTION_RELEASE_SETTINGS_H_
