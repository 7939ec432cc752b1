// `gate wait`: what a gate's Job runs. It watches the gate's ConfigMap, mounted as files, and ends as the
// gate ends.
#ifndef FUNCTION_CLI_GATE_WAIT_H_
#define FUNCTION_CLI_GATE_WAIT_H_

#include <CLI/CLI.hpp>
#include <iosfwd>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "function/base/json.h"
#include "function/base/log.h"

namespace cli {

inline constexpr int kExitWaitUsage = 64;  // EX_USAGE of sysexits.h: 1 and 2 are verdicts here

struct GateWaitOptions {
  std::string dir;
  std::string subject;
  std::string interval = "2s";
  std::string patience = "3m";
};

void AddGateWait(CLI::App& app, GateWaitOptions& options);

// As the gate's ConfigMap shows it (function/manifest/config_map.cc).
struct GateView {
  std::string subject;
  std::string verdict;
  std::string artifact_id;
  std::string deadline;
  base::Json requirements = base::Json::array();
};

// `values`: the ConfigMap's, by key. Error, led by the key: a value that no gate's ConfigMap has.
absl::StatusOr<GateView> ParseGateView(const std::map<std::string, std::string>& values);

// All that waiting needs of the world.
class GateWaitWorld {
 public:
  virtual ~GateWaitWorld() = default;
  // All of it from one version of the ConfigMap. Error: it is not there, or not complete.
  virtual absl::StatusOr<GateView> Read() = 0;
  // Returns the number of the signal that interrupted it, or 0.
  virtual int Sleep(absl::Duration time) = 0;
  virtual void Log(base::LogLevel level, absl::string_view message, const base::LogFields& fields) = 0;
};

// Waits for the verdict about `subject`. A ConfigMap that belongs to another attempt ends it as superseded;
// at the beginning only after `patience`, because a kubelet may still show the ConfigMap of the attempt
// before. Exit code: one of function/manifest/gate_job.h, or 128 and the number of the signal.
int WaitForVerdict(GateWaitWorld& world, const std::string& subject, absl::Duration interval,
                   absl::Duration patience);

// The command, in a container even as process 1. Exit code: kExitWaitUsage for wrong options, else as above.
int RunGateWait(const GateWaitOptions& options, std::ostream& err);

}  // namespace cli

#endif  // FUNCTION_CLI_GATE_WAIT_H_
