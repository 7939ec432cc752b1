// A gate as a file describes it: its own manifest, or that of a pipeline that drives.
#ifndef FUNCTION_CLI_GATE_FILE_H_
#define FUNCTION_CLI_GATE_FILE_H_

#include <istream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/base/json.h"
#include "function/release/composite.h"
#include "function/release/gate.h"

namespace cli {

struct GateFileOptions {
  std::string file;            // "-": standard input
  std::string namespace_name;  // where the manifest has none
  std::string target;          // of a pipeline: which of its gates
};

struct GateFile {
  base::Json object;  // the manifest that was read
  release::Composite composite;
  bool is_pipeline = false;
  // Namespace, name, spec; of a pipeline, policy and trust too. The namespace and the name are as the
  // function sees them: those of the claim where there is one.
  release::GateInput gate;
};

// The one gate in the file, or else its one pipeline. Errors lead with the file and the field path. Refused:
// a gate that does not bear the name of its step, which can't open.
absl::StatusOr<GateFile> ReadGateFile(const GateFileOptions& options, std::istream& in);

// Who an object of ours is and where it lives. `namespace_name`: for one that does not say it. Error: no
// namespace, or another one.
absl::StatusOr<release::Composite> PlaceOf(const base::Json& object, const std::string& namespace_name);

// The demands of the platform (a file with the function's Input, or with a Composition that has it) and of
// the pipeline (a file with its manifest) on the gate. An empty path: none.
absl::Status AddPolicies(const std::string& pipeline_file, const std::string& input_file, std::istream& in,
                         GateFile& file);

// A text file; the error leads with `flag`.
absl::StatusOr<std::string> ReadTextFile(const std::string& path, absl::string_view flag);

// The text of an allowed_signers file, each line of which is right.
absl::StatusOr<std::string> ReadAllowedSigners(const std::string& path);

bool IsGate(const base::Json& object);

}  // namespace cli

#endif  // FUNCTION_CLI_GATE_FILE_H_
