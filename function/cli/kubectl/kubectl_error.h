// What kubectl says on standard error, and what it means for the user.
#ifndef FUNCTION_CLI_KUBECTL_KUBECTL_ERROR_H_
#define FUNCTION_CLI_KUBECTL_KUBECTL_ERROR_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cli {

// Passes on at once what is for the user (how to sign in, warnings), and holds back kubectl's own errors and
// its log, which become a problem in two lines.
class KubectlErrorOutput {
 public:
  explicit KubectlErrorOutput(std::ostream& err) : err_(err) {}

  void Add(absl::string_view text);

  std::string held() const { return held_ + line_; }
  // Where it was no error after all.
  void ShowHeld() const { err_ << held() << std::flush; }

 private:
  std::ostream& err_;
  std::string line_;  // not at its end yet, and perhaps an error
  std::string held_;
  bool has_error_ = false;
  bool is_passing_ = false;  // the beginning of this line was passed on
};

// The problem in what kubectl said before it exited with this code. The status codes: NotFound,
// PermissionDenied, Unauthenticated, Unavailable, Aborted (a conflict), FailedPrecondition (kubectl is not
// set up, or is too old), OutOfRange (the object was refused as invalid), Unknown.
absl::Status ExplainKubectlError(absl::string_view text, int exit_code);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_KUBECTL_ERROR_H_
