// A rendering as a tree that people read.
#ifndef FUNCTION_CLI_TREE_H_
#define FUNCTION_CLI_TREE_H_

#include <string>
#include <vector>

#include "function/base/json.h"
#include "function/cli/preview_render.h"

namespace cli {

struct TreeNode {
  std::string text;
  std::vector<TreeNode> children;
};

// Lines with branches in front, each ending in a newline.
std::string FormatTree(const TreeNode& root);

// A gate: its verdict, each requirement with ✓ or ✗ and why, who counted as an approver. A pipeline: its
// environments. Both: the conditions, what is composed (✓ ready, · not yet) and when something changes by
// itself. `xr`: as it was given, with its spec. `with_color`: ANSI colours.
TreeNode DescribeRendering(const base::Json& xr, const Rendered& rendered, bool with_color);

}  // namespace cli

#endif  // FUNCTION_CLI_TREE_H_
