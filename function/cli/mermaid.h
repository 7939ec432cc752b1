// Pipelines and gates as a flowchart in Mermaid's language, which GitHub and GitLab draw in Markdown.
#ifndef FUNCTION_CLI_MERMAID_H_
#define FUNCTION_CLI_MERMAID_H_

#include <string>

#include "absl/strings/string_view.h"
#include "function/cli/preview_overview.h"

namespace cli {

// One flowchart: a subgraph for each pipeline, a node for each of its environments with the artifact that is
// there, an edge for each step with the verdict of its gate and what is open still. The verdict colours the
// edge and the environment behind it. Gates whose pipeline is not previewed are in a subgraph of what they
// look for. Empty for an empty overview.
std::string FormatMermaid(const Overview& overview);

// The text as it is written between the quotes of a label: whatever it is, it is shown as it is and is never
// syntax, Markdown, HTML or an icon. Control characters become spaces; invisible ones that change how others
// are read become U+FFFD, and so does what is no UTF-8.
std::string MermaidText(absl::string_view text);

}  // namespace cli

#endif  // FUNCTION_CLI_MERMAID_H_
