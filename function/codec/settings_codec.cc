#include "function/codec/settings_codec.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "function/base/version.h"
#include "function/codec/object_reader.h"
#include "function/codec/policy_codec.h"

namespace codec {
namespace {

using release::Settings;

// A duration as Go writes it ("90s", "1h30m").
absl::Duration ReadDuration(ObjectReader& reader, absl::string_view key, absl::Duration default_value) {
  const std::optional<std::string> text = reader.Text(key, 64);
  if (!text) return default_value;
  absl::Duration duration;
  if (!absl::ParseDuration(*text, &duration) || duration < absl::Seconds(1) || duration > absl::Hours(24)) {
    reader.Error(key, "must be a duration from 1s to 24h, such as 90s or 1h30m");
    return default_value;
  }
  return duration;
}

// Like ReadDuration, but kept as it is written; 0 means never, as External Secrets has it.
std::string ReadRefreshInterval(ObjectReader& reader, const std::string& default_value) {
  absl::Duration duration;
  std::string text = reader.String("refreshInterval", 64, default_value);
  if (!absl::ParseDuration(text, &duration) || duration < absl::ZeroDuration() ||
      duration == absl::InfiniteDuration()) {
    reader.Error("refreshInterval", "must be a duration, such as 1h or 30m (0 is never)");
  }
  return text;
}

// A signature demanded of people whom the platform names is worth nothing if a tenant may say which keys are
// theirs.
void RequireSigners(ObjectReader& input, const Policies& policies) {
  for (const auto& [step, policy] : policies.policies) {
    const bool names_people = std::any_of(policy.approvals.begin(), policy.approvals.end(),
                                          [](const auto& rule) { return !rule.approvers.empty(); });
    if (!policy.require_signatures || !names_people || policies.trust.at(step).allowed_signers) continue;
    input.Error("allowedSigners", absl::StrCat("is required, because policy.", step,
                                               " demands signatures of people whom it names"));
    return;
  }
}

void ReadInput(ObjectReader& input, Settings& settings) {
  constexpr absl::string_view kStoreKinds[] = {"ClusterSecretStore", "SecretStore"};
  constexpr absl::string_view kApiVersions[] = {release::kInputApiVersion};
  constexpr absl::string_view kKinds[] = {release::kInputKind};
  input.OneOf("apiVersion", kApiVersions, 0);
  input.OneOf("kind", kKinds, 0);
  input.IgnoreIf([](absl::string_view key) { return key == "metadata"; });
  settings.namespace_name = ReadDnsName(input, "namespace", 63, "-", settings.namespace_name);
  input.Object("secretStore", [&](ObjectReader& store) {
    settings.secret_store.name = ReadDnsName(store, "name", kMaxName, "-.", settings.secret_store.name);
    settings.secret_store.kind = std::string(kStoreKinds[store.OneOf("kind", kStoreKinds, 0)]);
  });
  input.Object("secretPaths", [&](ObjectReader& paths) {
    settings.secret_paths.github_token =
        paths.Line("githubToken", kMaxText, settings.secret_paths.github_token);
    settings.secret_paths.registry_token =
        paths.Line("registryToken", kMaxText, settings.secret_paths.registry_token);
  });
  settings.refresh_interval = ReadRefreshInterval(input, settings.refresh_interval);
  input.StringMap("serviceAccountAnnotations", [&](absl::string_view key, absl::string_view value) {
    settings.service_account_annotations[std::string(key)] = std::string(value);
  });
  input.Object("gateJob", [&](ObjectReader& job) {
    settings.gate_job.image = job.Line("image", kMaxArtifact, settings.gate_job.image);
    settings.gate_job.suspend = job.Bool("suspend", false);
  });
  settings.poll_interval = ReadDuration(input, "pollInterval", settings.poll_interval);
  settings.heartbeat = ReadDuration(input, "heartbeat", settings.heartbeat);
  Policies policies = ReadPolicies(input, "policy", "allowedSigners");
  RequireSigners(input, policies);
  settings.policy = std::move(policies.policies);
  settings.trust = std::move(policies.trust);
}

}  // namespace

absl::StatusOr<Settings> DecodeSettings(std::optional<absl::string_view> input) {
  Settings settings;
  settings.gate_job.image = base::Image();
  FieldErrors errors;
  {
    const FieldPath path{nullptr, "input"};
    ObjectReader reader(StructView(input.value_or("")), path, errors);
    ReadInput(reader, settings);
  }
  if (!errors.empty()) return errors.ToStatus();
  return settings;
}

}  // namespace codec
