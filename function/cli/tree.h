// A rendering as a tree that people read.
#ifndef FUNCTION_CLI_TREE_H_
#define FUNCTION_CLI_TREE_H_

#include <string>
#include <vector>

#include "function/base/json.h"
#include "function/cli/preview_overview.h"

namespace cli {

struct TreeNode {
  std::string text;
  std::vector<TreeNode> children;
};

// Lines with branches in front, each ending in a newline.
std::string FormatTree(const TreeNode& root);

// A tree each for the pipelines, with the gates under their steps, and then for the gates without one.
std::vector<TreeNode> DescribeOverview(const Overview& overview, bool with_color);

// A gate: its verdict, each requirement with ✓ or ✗ and why, who counted as an approver. A pipeline: its
// environments. Both: the conditions, what is composed (✓ ready, · not yet) and when something changes by
// itself. `with_color`: ANSI colours.
TreeNode DescribePreviewed(const Previewed& previewed, bool with_color);

}  // namespace cli

#endif  // FUNCTION_CLI_TREE_H_
