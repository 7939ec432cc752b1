// A cluster that is a folder of answers (fake_kubectl), and gates in it as the function decides them.
#ifndef TEST_UNIT_KUBECTL_FAKE_H_
#define TEST_UNIT_KUBECTL_FAKE_H_

#include <sstream>
#include <string>
#include <vector>

#include "function/base/clock.h"
#include "function/base/json.h"
#include "function/cli/kubectl/console.h"
#include "function/cli/kubectl/kubectl.h"
#include "test/unit/cli/command_run.h"

namespace kubectl_test {

inline constexpr char kNow[] = "2026-01-02T12:00:00Z";
inline constexpr char kArtifact[] = "ghcr.io/acme/shop:main-abc123";
inline constexpr char kOtherArtifact[] = "ghcr.io/acme/shop:main-def456";

// A time that goes on only when somebody sleeps.
class TestClock final : public base::Clock {
 public:
  absl::Time Now() const override { return now_; }
  void Sleep(absl::Duration duration) { now_ += duration; }

 private:
  absl::Time now_ = Start();
  static absl::Time Start();
};

class FakeKubectl {
 public:
  struct Answer {
    std::string when;  // an extended regular expression over the arguments
    std::string out;
    int code = 0;
    std::string err;
    bool once = false;
  };

  // The first rule that fits answers.
  void Add(const Answer& answer);
  // `out` for what asks for the API's resources, and a user called alice.
  void AddApi(bool claims = false);

  // The command line that runs it.
  std::string program() const;
  std::vector<std::string> Calls() const;
  // What the last apply was given, or "".
  std::string Applied() const { return folder_.Read("applied"); }
  const cli_test::TempFolder& folder() const { return folder_; }

 private:
  cli_test::TempFolder folder_;
  int count_ = 100;
};

struct RunOptions {
  std::string input;
  bool can_ask = false;
  bool with_color = false;
};

// Runs a subcommand with this kubectl.
template <typename Options>
cli_test::Output RunRelease(int (*run)(const cli::KubectlOptions&, const Options&, const cli::Console&),
                            const FakeKubectl& kubectl, const Options& options, const RunOptions& how = {},
                            const cli::KubectlOptions& kubectl_options = {}) {
  std::istringstream in(how.input);
  std::ostringstream out;
  std::ostringstream err;
  TestClock clock;
  const cli::Console console{{in, out, err, false, how.with_color},
                             how.can_ask,
                             kubectl.program(),
                             clock,
                             [&](absl::Duration duration) { clock.Sleep(duration); }};
  cli_test::Output output;
  output.code = run(kubectl_options, options, console);
  output.out = out.str();
  output.err = err.str();
  return output;
}

// The gate shop-dev-to-staging in the namespace team, with these fields of its spec beside the required ones.
base::Json Gate(const base::Json& spec = base::Json::object());
// Its pipeline, which asks for two of alice and bob, and this.
base::Json Pipeline(const base::Json& policy = base::Json::object());
// The gate with the status that the function gives it, kNow if nothing else is said.
base::Json Decided(const base::Json& gate, const base::Json& pipeline, const std::string& now = kNow);
// The pipeline with its status.
base::Json DecidedPipeline(const base::Json& pipeline, const std::vector<base::Json>& gates);
// The gate's ConfigMap, as it goes with Decided.
base::Json ConfigMapOf(const base::Json& gate, const base::Json& pipeline, const std::string& now = kNow);

base::Json Approval(const std::string& approver, const std::string& decision = "approve",
                    const std::string& artifact = kArtifact);

base::Json ListOf(const std::vector<base::Json>& objects);

}  // namespace kubectl_test

#endif  // TEST_UNIT_KUBECTL_FAKE_H_
