#include "function/cli/approval.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/base/status_macros.h"
#include "function/cli/approval_entry.h"
#include "function/cli/approval_verify.h"
#include "function/cli/exit_codes.h"
#include "function/cli/problem.h"
#include "function/cli/ssh_keygen.h"
#include "function/cli/yaml.h"

namespace cli {
namespace {

using base::Json;

int Fail(const PreviewStreams& streams, const absl::Status& status, int code) {
  SayError(streams.err, InOneLine(status));
  return code;
}

absl::Status CheckOneOf(absl::string_view flag, const std::string& value,
                        const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": \"", value, "\" is none of ", absl::StrJoin(allowed, ", ")));
}

absl::Status CheckStatementOptions(const ApprovalOptions& options) {
  RETURN_IF_ERROR(CheckOneOf("--decision", options.decision, {"approve", "reject", kOverride}));
  return CheckEntryField("approver", options.approver, /*is_name=*/true);
}

absl::Status CheckSignOptions(const ApprovalOptions& options) {
  RETURN_IF_ERROR(CheckStatementOptions(options));
  RETURN_IF_ERROR(CheckEntryField("comment", options.comment, /*is_name=*/false));
  RETURN_IF_ERROR(CheckEntryField("reason", options.reason, /*is_name=*/false));
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

ApprovalEntry EntryOf(const ApprovalOptions& options) {
  return {options.approver, options.decision, options.comment, options.reason, ""};
}

void Print(const GateFile& file, const ApprovalOptions& options, const ApprovalEntry& own,
           const PreviewStreams& streams) {
  Json entry = OwnPart(file, own);
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
  streams.out << Statement(*file, EntryOf(options));
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
  ApprovalEntry entry = EntryOf(options);
  const std::string statement = Statement(*file, entry);
  AnnounceEntry(*file, entry, streams.err);
  AnnounceStatement(statement, streams.err);
  const absl::StatusOr<std::string> signature = SignWithSshKeygen("--key", options.key, statement);
  if (!signature.ok()) return Fail(streams, signature.status(), kExitFailure);
  entry.signature = *signature;
  Print(*file, options, entry, streams);
  return kExitOk;
}

namespace {

void AddCommon(CLI::App& app, GateFileOptions& gate) {
  app.add_option(
         "file", gate.file,
         "The gate's manifest, YAML or JSON (- for standard input): an XPromotionGate, its claim, or with "
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
         "Who signs, by the name that policies and allowed_signers have; default: whom the manifest's "
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
         "yaml (the default) or json: the entry; manifest: a partial manifest that has only the own entry, "
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
      "Example: what counts on a gate in a cluster\n"
      "  kubectl get xpromotiongate NAME -o yaml | function-release-pipeline approval verify - \\\n"
      "    --pipeline pipeline.yaml");
}

}  // namespace

void AddApprovalCommands(Program& program, const std::function<PreviewStreams()>& streams) {
  CLI::App& group = program.AddGroup(
      "approval", "Approvals of a gate: what is signed, signing it, and what counts", [](CLI::App& app) {
        app.footer(
            "Example: which approvals count, by the rules of the pipeline\n"
            "  function-release-pipeline approval verify gate.yaml --pipeline pipeline.yaml");
      });
  const auto statement = std::make_shared<ApprovalOptions>();
  program.AddCommand(
      "statement", "Print exactly the text that an approver signs",
      [=](CLI::App& app) { AddStatement(app, *statement); },
      [=] { return RunApprovalStatement(*statement, streams()); }, &group);
  const auto sign = std::make_shared<ApprovalOptions>();
  program.AddCommand(
      "sign", "Sign an approval with an SSH key, and print the entry to commit",
      [=](CLI::App& app) { AddSign(app, *sign); }, [=] { return RunApprovalSign(*sign, streams()); }, &group);
  const auto verify = std::make_shared<ApprovalVerifyOptions>();
  program.AddCommand(
      "verify", "Say of each approval whether it counts, and why not",
      [=](CLI::App& app) { AddVerify(app, *verify); }, [=] { return RunApprovalVerify(*verify, streams()); },
      &group);
}

}  // namespace cli
