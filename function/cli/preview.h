// `preview`: what Crossplane would make of pipelines and gates, without a cluster.
#ifndef FUNCTION_CLI_PREVIEW_H_
#define FUNCTION_CLI_PREVIEW_H_

#include <CLI/CLI.hpp>
#include <iosfwd>
#include <string>
#include <vector>

namespace cli {

struct PreviewOptions {
  std::vector<std::string> files;
  std::vector<std::string> observed_resources;
  std::vector<std::string> required_resources;
  std::string function_credentials;
  std::string input;
  std::string now;     // RFC 3339; empty: the clock
  std::string output;  // yaml, json, tree or mermaid; empty: tree on a terminal, else yaml
  std::string server;  // host:port; empty: in this process
  bool include_full_xr = false;
  bool include_function_results = false;
};

void AddPreview(CLI::App& app, PreviewOptions& options);

struct PreviewStreams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool is_terminal = false;  // `out` is one
  bool with_color = false;
};

// Exit code: 0; 1 where a file or a manifest is not right or the function refuses it, with a line each on
// `err`, after what could be previewed; 2 for wrong usage.
int RunPreview(const PreviewOptions& options, const PreviewStreams& streams);

}  // namespace cli

#endif  // FUNCTION_CLI_PREVIEW_H_
