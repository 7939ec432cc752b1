#include "function/cli/kubectl/kubectl.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "function/base/status_macros.h"
#include "function/cli/kubectl/kubectl_error.h"
#include "function/cli/preview_object.h"
#include "function/cli/problem.h"
#include "function/cli/process.h"

namespace cli {
namespace {

using base::Json;

std::vector<std::string> FlagsOf(const KubectlOptions& options) {
  const std::pair<absl::string_view, const std::string&> kAll[] = {
      {"--namespace", options.namespace_name},
      {"--context", options.context},
      {"--kubeconfig", options.kubeconfig},
      {"--cluster", options.cluster},
      {"--user", options.user},
      {"--as", options.as},
      {"--request-timeout", options.request_timeout},
  };
  std::vector<std::string> flags;
  for (const auto& [flag, value] : kAll) {
    if (!value.empty()) flags.push_back(absl::StrCat(flag, "=", value));
  }
  for (const std::string& group : options.as_groups) flags.push_back(absl::StrCat("--as-group=", group));
  return flags;
}

absl::Status NotThere(absl::string_view program) {
  return Problem(
      absl::StatusCode::kFailedPrecondition, absl::StrCat(program, ": is not there"),
      "install kubectl 1.28 or newer (https://kubernetes.io/docs/tasks/tools/), or name it in $KUBECTL");
}

}  // namespace

Kubectl::Kubectl(absl::string_view program, const KubectlOptions& options, std::ostream& err)
    : program_(absl::StrSplit(program, ' ', absl::SkipEmpty())),
      options_(options),
      flags_(FlagsOf(options)),
      err_(err) {
  if (program_.empty()) program_.emplace_back("kubectl");
}

absl::StatusOr<std::string> Kubectl::Call(const std::vector<std::string>& arguments,
                                          std::optional<std::string> input) const {
  Command command{program_, std::move(input), nullptr};
  for (const auto* more : {&arguments, &flags_}) {
    command.arguments.insert(command.arguments.end(), more->begin(), more->end());
  }
  KubectlErrorOutput errors(err_);
  command.on_error = [&](absl::string_view text) { errors.Add(text); };
  absl::StatusOr<Ended> ended = RunProcess(command);
  if (absl::IsNotFound(ended.status())) return NotThere(program_[0]);
  RETURN_IF_ERROR(ended.status());
  if (ended->exit_code != 0) return ExplainKubectlError(errors.held(), ended->exit_code);
  errors.ShowHeld();
  return std::move(ended->output);
}

absl::StatusOr<Json> Kubectl::CallForJson(const std::vector<std::string>& arguments,
                                          std::optional<std::string> input) const {
  ASSIGN_OR_RETURN(const std::string text, Call(arguments, std::move(input)));
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return Json();
  Json answer = base::ParseJson(text);
  if (answer.is_object()) return answer;
  return Problem(absl::StatusCode::kDataLoss,
                 absl::StrCat("kubectl ", absl::StrJoin(arguments, " "), ": its answer of ", text.size(),
                              " bytes is no whole JSON object"),
                 "run that by hand and see what it prints; then try again");
}

std::vector<Json> ItemsOf(const Json& answer) {
  const Json& items = At(answer, {"items"});
  if (!answer.is_object()) return {};
  if (!items.is_array() || !absl::EndsWith(Kind(answer), "List")) return {answer};
  return items.get<std::vector<Json>>();
}

}  // namespace cli
