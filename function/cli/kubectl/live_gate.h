// A gate as it is in the cluster.
#ifndef FUNCTION_CLI_KUBECTL_LIVE_GATE_H_
#define FUNCTION_CLI_KUBECTL_LIVE_GATE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "function/base/json.h"
#include "function/cli/gate_file.h"
#include "function/cli/kubectl/kubectl.h"
#include "function/release/gate.h"

namespace cli {

struct LiveGate {
  GateFile file;                              // the object, its place and its spec
  std::optional<release::GateStatus> status;  // none where nothing was decided yet
  // The status is about this very spec: the artifact, the attempt, the step. Else it is about what was
  // before, and the gate is pending whatever it says.
  bool is_decided = false;

  const std::string& name() const { return file.gate.name; }
  const std::string& namespace_name() const { return file.gate.namespace_name; }
  const release::GateSpec& spec() const { return file.gate.spec; }
  release::Verdict verdict() const;
  // For the artifact in its spec.
  bool IsOpen() const;
  // The earliest of what time alone changes, the deadline among it. None once the verdict is final.
  std::optional<absl::Time> NextChange() const;
};

// `namespace_name`: what the user said, for a cluster-scoped gate without a claim. Error: a problem that
// leads with the object.
absl::StatusOr<LiveGate> ReadLiveGate(const base::Json& object, const std::string& namespace_name);

// The one that the words on the command line mean (target.h); `flags`: more of kubectl's.
absl::StatusOr<LiveGate> FindLiveGate(const Kubectl& kubectl, const std::string& argument,
                                      const std::vector<std::string>& flags = {});

// "gate team/shop-dev-to-staging".
std::string Describe(const LiveGate& gate);

// "shop-dev-to-staging -n team": how to name this gate in a command.
std::string AsArguments(const LiveGate& gate);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_LIVE_GATE_H_
