// The key of the audit trail, as a Composition gives it to the function.
#include "test/catch.h"
#include "test/unit/cli/command_run.h"

namespace cli {
namespace {

using cli_test::Output;
using cli_test::TempFolder;

constexpr char kGate[] = R"(
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XPromotionGate
metadata: {name: app-dev-to-staging, namespace: team}
spec:
  tenant: app
  artifact_id: ghcr.io/acme/app:main-abc123
  source_environment: dev
  target_environment: staging
)";
constexpr char kComposition[] = R"(
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
metadata: {name: gates}
spec:
  compositeTypeRef: {apiVersion: platform.zerotouch.dev/v1alpha1, kind: XPromotionGate}
  pipeline:
  - step: release
    credentials:
    - {name: audit, source: Secret, secretRef: {namespace: crossplane-system, name: audit}}
    - {name: other, source: None}
)";
constexpr char kSecret[] = R"(
apiVersion: v1
kind: Secret
metadata: {name: audit, namespace: crossplane-system}
data: {key: c2VjcmV0}
)";

struct Folder : TempFolder {
  Output Preview(const std::string& gate, const std::string& secret,
                 const std::string& format = "tree") const {
    PreviewOptions options;
    options.files = {Write("gate.yaml", gate), Write("composition.yaml", kComposition)};
    if (!secret.empty()) options.function_credentials = Write("secret.yaml", secret);
    options.output = format;
    options.include_full_xr = true;
    options.now = "2026-01-02T03:04:05Z";
    return cli_test::RunCommand(RunPreview, options);
  }

  // The gate as it is after a first call.
  std::string Settled(const std::string& secret) const {
    const base::Json list = base::Json::parse(Preview(kGate, secret, "json").out);
    return list["items"][0].dump();
  }
};

TEST_CASE("a keyed trail is intact with the key that a Secret has, and with no other") {
  const Folder folder;
  const std::string gate = folder.Settled(kSecret);
  CHECK(folder.Preview(gate, kSecret).out.find("AuditIntact True") != std::string::npos);
  CHECK(folder.Preview(gate, kSecret).err.empty());
  std::string other = kSecret;
  other.replace(other.find("c2VjcmV0"), 8, "b3RoZXIh");
  CHECK(folder.Preview(gate, other).out.find("AuditIntact False AuditBroken") != std::string::npos);
}

TEST_CASE("without the Secret the preview goes on, and says so") {
  const Folder folder;
  const Output output = folder.Preview(kGate, "");
  CHECK(output.code == 0);
  CHECK(output.err == "function-release-pipeline: warning: " + folder.Path("composition.yaml") +
                          ": Composition gates wants the credential audit of Secret crossplane-system/audit: "
                          "previewed without it; --function-credentials gives it\n");
}

TEST_CASE("a Secret that is none of the Composition's, or not base64, is an error") {
  const Folder folder;
  std::string elsewhere = kSecret;
  elsewhere.replace(elsewhere.find("crossplane-system"), 17, "somewhere-else---");
  CHECK(folder.Preview(kGate, elsewhere).code == 1);
  CHECK(folder.Preview(kGate, elsewhere).err ==
        "function-release-pipeline: --function-credentials: none of its Secrets is one that a Composition "
        "among "
        "the files names in spec.pipeline[].credentials: give the Composition too\n");
  std::string garbled = kSecret;
  garbled.replace(garbled.find("c2VjcmV0"), 8, "\"?secret\"");
  CHECK(
      folder.Preview(kGate, garbled).err ==
      "function-release-pipeline: --function-credentials: Secret crossplane-system/audit: data.key: must be "
      "base64\n");
}

}  // namespace
}  // namespace cli
