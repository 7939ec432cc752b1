#include "function/cli/approval.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "function/base/status_macros.h"
#include "function/cli/approval_verify.h"
#include "function/cli/exit_codes.h"
#include "function/cli/preview_object.h"
#include "function/cli/ssh_keygen.h"
#include "function/cli/terminal.h"
#include "function/cli/yaml.h"
#include "function/codec/object_reader.h"
#include "function/codec/struct_json.h"
#include "function/release/approval.h"

namespace cli {
namespace {

using base::Json;

constexpr char kOverride[] = "override";

int Fail(const PreviewStreams& streams, const absl::Status& status, int code) {
  streams.err << "function-release-pipeline: " << status.message() << std::endl;
  return code;
}

absl::Status CheckOneOf(absl::string_view flag, const std::string& value,
                        const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": \"", OneLine(value), "\" is none of ", absl::StrJoin(allowed, ", ")));
}

// By the rules that hold for this field in a manifest. An empty one is not there.
absl::Status CheckField(const std::string& field, const std::string& value, bool is_name) {
  if (value.empty()) return absl::OkStatus();
  const std::string wire = codec::EncodeStruct({{field, value}});
  codec::FieldErrors errors;
  {
    codec::ObjectReader reader(codec::StructView(wire), {}, errors);
    is_name ? reader.Line(field, codec::kMaxName) : reader.String(field, codec::kMaxText);
  }
  if (errors.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--", errors.ToStatus().message()));
}

absl::Status CheckStatementOptions(const ApprovalOptions& options) {
  RETURN_IF_ERROR(CheckOneOf("--decision", options.decision, {"approve", "reject", kOverride}));
  return CheckField("approver", options.approver, /*is_name=*/true);
}

absl::Status CheckSignOptions(const ApprovalOptions& options) {
  RETURN_IF_ERROR(CheckStatementOptions(options));
  RETURN_IF_ERROR(CheckField("comment", options.comment, /*is_name=*/false));
  RETURN_IF_ERROR(CheckField("reason", options.reason, /*is_name=*/false));
  RETURN_IF_ERROR(CheckOneOf("-o", options.output, {"yaml", "json", "manifest"}));
  const auto error = [](absl::string_view message) {
    return absl::InvalidArgumentError(std::string(message));
  };
  const bool is_override = options.decision == kOverride;
  if (options.approver.empty()) return error("--approver: must not be empty: say who signs");
  if (is_override && options.reason.empty())
    return error("--reason: is missing: say why the gate is overridden");
  if (!is_override && !options.reason.empty())
    return error("--reason: is for --decision override: use --comment");
  if (is_override && !options.comment.empty())
    return error("--comment: an override has no comment: use --reason");
  return absl::OkStatus();
}

// Who signs what, where only one entry of the manifest can be meant.
absl::Status TakeOnlyEntry(const release::GateSpec& spec, ApprovalOptions& options) {
  std::vector<const release::Approval*> entries;
  for (const release::Approval& entry : spec.approvals) {
    if (entry.artifact_id == spec.artifact_id && entry.attempt == spec.attempt) entries.push_back(&entry);
  }
  if (entries.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("--approver: is missing: the name is part of the text, and there ",
                     entries.empty() ? "is no approval in the manifest yet that could be meant"
                                     : "are several approvals in the manifest that could be meant"));
  }
  options.approver = entries[0]->approver;
  options.decision = std::string(Name(entries[0]->decision));
  return absl::OkStatus();
}

std::string Statement(const GateFile& file, const ApprovalOptions& options) {
  return release::ApprovalStatement(release::SubjectOf(file.gate), options.decision, options.approver);
}

// The artifact first: it is what the signature is about.
void Announce(const GateFile& file, const ApprovalOptions& options, const std::string& statement,
              std::ostream& err) {
  const release::GateSpec& spec = file.gate.spec;
  err << options.decision << " " << spec.artifact_id << "\n"
      << "  for " << Name(spec.step.source) << " -> " << Name(spec.step.target) << ", gate "
      << file.gate.namespace_name << "/" << file.gate.name << ", attempt " << spec.attempt << ", as "
      << OneLine(options.approver) << "\nthe text that is signed:\n";
  for (const absl::string_view line : absl::StrSplit(statement, '\n', absl::SkipEmpty())) {
    err << "  " << OneLine(line) << "\n";
  }
  err.flush();
}

// The part of the spec that is the signer's own.
Json OwnEntry(const GateFile& file, const ApprovalOptions& options, const std::string& signature) {
  Json entry = {{"artifact_id", file.gate.spec.artifact_id},
                {"attempt", file.gate.spec.attempt},
                {"signature", signature}};
  if (options.decision == kOverride) {
    entry["by"] = options.approver;
    entry["reason"] = options.reason;
    return {{"override", std::move(entry)}};
  }
  entry["approver"] = options.approver;
  entry["decision"] = options.decision;
  if (!options.comment.empty()) entry["comment"] = options.comment;
  if (file.is_pipeline) entry["target_environment"] = std::string(Name(file.gate.spec.step.target));
  return {{"approvals", Json::array({std::move(entry)})}};
}

// The object that people write: of an XR with a claim, the claim, which the XR's spec is copied from.
Json PartialManifest(const GateFile& file, Json spec) {
  std::string kind = Kind(file.object);
  if (file.composite.has_claim)
    kind = file.is_pipeline ? release::kPipelineClaimKind : release::kGateClaimKind;
  return {{"apiVersion", ApiVersion(file.object)},
          {"kind", kind},
          {"metadata", {{"name", file.composite.name}, {"namespace", file.composite.namespace_name}}},
          {"spec", std::move(spec)}};
}

void Print(const GateFile& file, const ApprovalOptions& options, const std::string& signature,
           const PreviewStreams& streams) {
  Json entry = OwnEntry(file, options, signature);
  const std::string place = absl::StrCat(file.composite.namespace_name, "/", file.composite.name);
  if (options.output == "manifest") {
    streams.out << ToYaml(PartialManifest(file, std::move(entry)));
    streams.err << "apply it with: kubectl apply --server-side --field-manager=NAME -f FILE" << std::endl;
    return;
  }
  streams.out << (options.output == "json" ? entry.dump(2) + "\n" : ToYaml(entry));
  streams.err << "put it into the spec of " << place << " and commit it"
              << (entry.contains("approvals") ? ": it is an item of spec.approvals" : "") << std::endl;
}

}  // namespace

int RunApprovalStatement(const ApprovalOptions& given, const PreviewStreams& streams) {
  ApprovalOptions options = given;
  if (const absl::Status status = CheckStatementOptions(options); !status.ok())
    return Fail(streams, status, kExitUsage);
  const absl::StatusOr<GateFile> file = ReadGateFile(options.gate, streams.in);
  if (!file.ok()) return Fail(streams, file.status(), kExitFailure);
  if (options.approver.empty()) {
    const absl::Status status = TakeOnlyEntry(file->gate.spec, options);
    if (!status.ok()) return Fail(streams, status, kExitUsage);
  }
  streams.out << Statement(*file, options);
  return kExitOk;
}

int RunApprovalSign(const ApprovalOptions& options, const PreviewStreams& streams) {
  if (const absl::Status status = CheckSignOptions(options); !status.ok())
    return Fail(streams, status, kExitUsage);
  const absl::StatusOr<GateFile> file = ReadGateFile(options.gate, streams.in);
  if (!file.ok()) return Fail(streams, file.status(), kExitFailure);
  if (file->is_pipeline && options.decision == kOverride) {
    return Fail(streams,
                absl::InvalidArgumentError(
                    "--decision: a pipeline has no override: give the manifest of the gate that "
                    "it composed (kubectl get … -o yaml)"),
                kExitUsage);
  }
  const std::string statement = Statement(*file, options);
  Announce(*file, options, statement, streams.err);
  const absl::StatusOr<std::string> signature = SignWithSshKeygen(options.key, statement);
  if (!signature.ok()) return Fail(streams, signature.status(), kExitFailure);
  Print(*file, options, *signature, streams);
  return kExitOk;
}

namespace {

void AddCommon(CLI::App& app, GateFileOptions& gate) {
  app.add_option(
         "file", gate.file,
         "The gate's manifest, YAML or JSON (- for standard input): an XPromotionGate, its claim, or with\n"
         "--target the XReleasePipeline (or its claim) that drives it")
      ->required()
      ->type_name("FILE");
  app.add_option("-n,--namespace", gate.namespace_name, "Where the gate is, if its manifest does not say it")
      ->type_name("NAME");
  app.add_option("--target", gate.target,
                 "The environment that the gate of a pipeline leads to: staging or production")
      ->type_name("ENVIRONMENT");
}

void AddStatement(CLI::App& app, ApprovalOptions& options) {
  AddCommon(app, options.gate);
  app.add_option(
         "--approver", options.approver,
         "Who signs, by the name that policies and allowed_signers have; default: whom the manifest's\n"
         "only entry names")
      ->type_name("NAME");
  app.add_option("--decision", options.decision, "approve (the default), reject or override")
      ->type_name("DECISION");
  app.footer(
      "Example: sign without this program\n"
      "  function-release-pipeline approval statement gate.yaml --approver alice@example.org |\n"
      "    ssh-keygen -Y sign -n release-gate -f ~/.ssh/id_ed25519");
}

void AddSign(CLI::App& app, ApprovalOptions& options) {
  AddCommon(app, options.gate);
  app.add_option("--approver", options.approver,
                 "Who signs, by the name that policies and allowed_signers have")
      ->required()
      ->type_name("NAME");
  app.add_option("--key", options.key, "An SSH private key, or the .pub of one that is in the agent")
      ->required()
      ->type_name("PATH");
  app.add_option("--decision", options.decision, "approve (the default), reject or override")
      ->type_name("DECISION");
  app.add_option("--comment", options.comment, "For those who read the entry; it is not signed")
      ->type_name("TEXT");
  app.add_option("--reason", options.reason, "Why the gate is overridden; it is not signed")
      ->type_name("TEXT");
  app.add_option(
         "-o,--output", options.output,
         "yaml (the default) or json: the entry; manifest: a partial manifest that has only the own entry,\n"
         "for kubectl apply --server-side --field-manager=NAME")
      ->type_name("FORMAT");
  app.footer(
      "Example: approve, and put the entry on the gate under one's own name\n"
      "  function-release-pipeline approval sign gate.yaml --approver alice@example.org \\\n"
      "    --key ~/.ssh/id_ed25519 -o manifest | kubectl apply --server-side --field-manager=alice -f -");
}

void AddVerify(CLI::App& app, ApprovalVerifyOptions& options) {
  AddCommon(app, options.gate);
  app.add_option("--pipeline", options.pipeline,
                 "The gate's pipeline: its rules and its allowed_signers count")
      ->type_name("FILE");
  app.add_option("--input", options.input,
                 "The platform's rules: the function's Input, or a Composition with it")
      ->type_name("FILE");
  app.add_option("--allowed-signers", options.allowed_signers,
                 "Whose keys count, in place of what those files say")
      ->type_name("FILE");
  app.add_option("--now", options.now, "The time it is (RFC 3339); default: the clock's")->type_name("TIME");
  app.add_option("-o,--output", options.output, "text (the default) or json")->type_name("FORMAT");
  app.footer(
      "Exit code: 0 the approvals suffice (or a valid override is there, and no reject), 1 they do not,\n"
      "2 something cannot be read.\n"
      "Example:\n"
      "  kubectl get xpromotiongate NAME -o yaml | function-release-pipeline approval verify - \\\n"
      "    --pipeline pipeline.yaml");
}

}  // namespace

void AddApprovalCommands(Program& program, const std::function<PreviewStreams()>& streams) {
  CLI::App& group =
      program.AddGroup("approval", "Approvals of a gate: what is signed, signing it, and what counts");
  const auto statement = std::make_shared<ApprovalOptions>();
  AddStatement(program.AddCommand(
                   "statement", "Print exactly the text that an approver signs",
                   [=] { return RunApprovalStatement(*statement, streams()); }, &group),
               *statement);
  const auto sign = std::make_shared<ApprovalOptions>();
  AddSign(program.AddCommand(
              "sign", "Sign an approval with an SSH key, and print the entry to commit",
              [=] { return RunApprovalSign(*sign, streams()); }, &group),
          *sign);
  const auto verify = std::make_shared<ApprovalVerifyOptions>();
  AddVerify(program.AddCommand(
                "verify", "Say of each approval whether it counts, and why not",
                [=] { return RunApprovalVerify(*verify, streams()); }, &group),
            *verify);
}

}  // namespace cli
