// `report`: an export of pipelines and gates as one HTML page.
#ifndef FUNCTION_CLI_REPORT_H_
#define FUNCTION_CLI_REPORT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "function/cli/preview.h"
#include "function/cli/program.h"

namespace cli {

struct ReportOptions {
  std::vector<std::string> files;  // exports; "-": standard input
  std::string namespace_name;      // of cluster-scoped objects without a claim
  std::string now;                 // RFC 3339; empty: the newest time in the export
  std::string output;              // a file; empty: streams.out
  std::string key_file;
  std::string previous_key_file;
  std::string allowed_signers;
};

// Writes the page, which depends on the export and the options alone. On streams.err go one line for what is
// skipped because it is none of ours, and a line for each of ours that could not be read. Exit code: 0 for a
// whole page, whatever it says; 1 for one that could not show everything; 2 where there is none, with one
// line on what is wrong and one on what to do.
int RunReport(const ReportOptions& options, const PreviewStreams& streams);

// To options.output, or to streams.out. Error: a problem (problem.h).
absl::Status WriteReport(const ReportOptions& options, const std::string& text,
                         const PreviewStreams& streams);

// What proves that the export says the truth: --key-file, --previous-key-file, --allowed-signers.
void AddProofOptions(CLI::App& app, ReportOptions& options);

// Registers `report`.
void AddReportCommand(Program& program, const std::function<PreviewStreams()>& streams);

}  // namespace cli

#endif  // FUNCTION_CLI_REPORT_H_
