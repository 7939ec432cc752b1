#include "function/cli/kubectl/kubectl_error.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "function/cli/problem.h"

namespace cli {
namespace {

// How kubectl begins its errors, but for those of the log.
constexpr absl::string_view kErrors[] = {"error:",
                                         "Error from server",
                                         "Error:",
                                         "Error in configuration:",
                                         "Unable to connect to the server",
                                         "The connection to the server"};
// "The XPromotionGate "a" is invalid: …".
constexpr absl::string_view kInvalidBegin = "The ";
constexpr absl::string_view kInvalid = " is invalid:";

bool IsError(absl::string_view line) {
  return std::any_of(std::begin(kErrors), std::end(kErrors),
                     [&](absl::string_view error) { return absl::StartsWith(line, error); }) ||
         (absl::StartsWith(line, kInvalidBegin) && absl::StrContains(line, kInvalid));
}

// "E0102 15:04:05.123456    1234 memcache.go:265] …": klog's own lines.
bool IsLog(absl::string_view line) {
  return line.size() > 5 && absl::StrContains("IWEF", line[0]) &&
         std::all_of(line.begin() + 1, line.begin() + 5, [](char c) { return absl::ascii_isdigit(c); });
}

bool MayBecomeHeld(absl::string_view line) {
  const bool may_be_error = std::any_of(std::begin(kErrors), std::end(kErrors), [&](absl::string_view error) {
    return absl::StartsWith(error, line) || absl::StartsWith(line, error);
  });
  const bool may_be_log =
      line.size() <= 5 && absl::StrContains("IWEF", line[0]) &&
      std::all_of(line.begin() + 1, line.end(), [](char c) { return absl::ascii_isdigit(c); });
  return may_be_error || may_be_log || IsLog(line) || absl::StartsWith(line, kInvalidBegin);
}

// What is known about an error by something that is in it.
struct Known {
  absl::string_view sign;
  absl::StatusCode code;
  absl::string_view next;
};

constexpr absl::string_view kAskForRights =
    "ask whoever runs the cluster for this right; docs/kubectl-release.md has the Role for it";
constexpr absl::string_view kOwnName =
    "go by the name that the cluster knows you by: leave --as-approver out (kubectl auth whoami shows it)";
constexpr absl::string_view kUnreachable =
    "see that the cluster is up and that this is the right one: kubectl config current-context";
constexpr absl::string_view kContexts =
    "kubectl config get-contexts lists what there is; choose with --context";
constexpr absl::string_view kSignIn = "sign in again, and see who you are with kubectl auth whoami";
constexpr absl::string_view kNewer =
    "install kubectl 1.28 or newer (https://kubernetes.io/docs/tasks/tools/)";

// The first that fits counts.
constexpr Known kKnown[] = {
    {"release-approvals.platform.zerotouch.dev", absl::StatusCode::kPermissionDenied, kOwnName},
    {"(Forbidden)", absl::StatusCode::kPermissionDenied, kAskForRights},
    {"(Unauthorized)", absl::StatusCode::kUnauthenticated, kSignIn},
    {"You must be logged in", absl::StatusCode::kUnauthenticated, kSignIn},
    {"getting credentials:", absl::StatusCode::kUnauthenticated, kSignIn},
    {"(NotFound)", absl::StatusCode::kNotFound, "see that the name and the namespace (-n) are right"},
    {"(Conflict)", absl::StatusCode::kAborted, "try again"},
    {"Apply failed with", absl::StatusCode::kAborted, "try again"},
    {"Operation cannot be fulfilled", absl::StatusCode::kAborted, "try again"},
    {"(Invalid)", absl::StatusCode::kOutOfRange, "see what the fields have to be: kubectl explain"},
    {"is invalid:", absl::StatusCode::kOutOfRange, "see what the fields have to be: kubectl explain"},
    {"unknown flag", absl::StatusCode::kFailedPrecondition, kNewer},
    {"unknown shorthand flag", absl::StatusCode::kFailedPrecondition, kNewer},
    {"unknown command", absl::StatusCode::kFailedPrecondition, kNewer},
    {"doesn't have a resource type", absl::StatusCode::kNotFound,
     "install the configuration in this cluster, or choose another one with --context"},
    {"Unable to connect to the server", absl::StatusCode::kUnavailable, kUnreachable},
    {"The connection to the server", absl::StatusCode::kUnavailable, kUnreachable},
    {"connection refused", absl::StatusCode::kUnavailable, kUnreachable},
    {"no such host", absl::StatusCode::kUnavailable, kUnreachable},
    {"i/o timeout", absl::StatusCode::kUnavailable, kUnreachable},
    {"context deadline exceeded", absl::StatusCode::kUnavailable, kUnreachable},
    {"(ServiceUnavailable)", absl::StatusCode::kUnavailable, kUnreachable},
    {"(Timeout)", absl::StatusCode::kUnavailable, kUnreachable},
    {"does not exist", absl::StatusCode::kFailedPrecondition, kContexts},
    {"Error in configuration:", absl::StatusCode::kFailedPrecondition, kContexts},
    {"no configuration has been provided", absl::StatusCode::kFailedPrecondition, kContexts},
    {"incomplete configuration", absl::StatusCode::kFailedPrecondition, kContexts},
    {"no such file or directory", absl::StatusCode::kFailedPrecondition, kContexts},
    {"error loading config file", absl::StatusCode::kFailedPrecondition, kContexts},
};

// The line that says what is wrong, without what kubectl begins every error with.
std::string ErrorLine(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n', absl::SkipWhitespace());
  const auto error = std::find_if(lines.begin(), lines.end(), IsError);
  absl::string_view line = error != lines.end() ? *error : lines.empty() ? "" : lines.back();
  absl::ConsumePrefix(&line, "error: ");
  absl::ConsumePrefix(&line, "Error: ");
  if (absl::StartsWith(line, "Error from server (")) {
    const size_t end = line.find("): ");
    if (end != absl::string_view::npos) line.remove_prefix(end + 3);
  }
  return std::string(absl::StripAsciiWhitespace(line));
}

}  // namespace

void KubectlErrorOutput::Add(absl::string_view text) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const bool is_whole = end != absl::string_view::npos;
    absl::StrAppend(&line_, text.substr(0, is_whole ? end + 1 : text.size()));
    text.remove_prefix(is_whole ? end + 1 : text.size());
    // An error may have more lines.
    has_error_ = has_error_ || (!is_passing_ && IsError(line_));
    const bool holds = has_error_ || (!is_passing_ && (is_whole ? IsLog(line_) : MayBecomeHeld(line_)));
    if (!is_whole && holds && !has_error_) return;
    if (holds) {
      held_ += line_;
    } else {
      err_ << line_ << std::flush;
    }
    line_.clear();
    is_passing_ = !is_whole && !holds;
  }
}

absl::Status ExplainKubectlError(absl::string_view text, int exit_code) {
  const std::string line = ErrorLine(text);
  if (line.empty()) {
    return Problem(absl::StatusCode::kUnknown, absl::StrCat("kubectl ended with exit code ", exit_code),
                   "what it says is above");
  }
  for (const Known& known : kKnown) {
    if (absl::StrContains(text, known.sign)) return Problem(known.code, line, known.next);
  }
  return Problem(absl::StatusCode::kUnknown, line,
                 "this is what kubectl says: see that kubectl get works by itself");
}

}  // namespace cli
