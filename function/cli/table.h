// Columns of text for a terminal.
#ifndef FUNCTION_CLI_TABLE_H_
#define FUNCTION_CLI_TABLE_H_

#include <string>
#include <vector>

namespace cli {

struct TableCell {
  std::string text;     // one line, as plain text
  std::string painted;  // the same with its colours; empty: as it is
};

// A heading and rows of as many cells, each column as wide as its widest cell, two blanks between them, none
// at the end of a line.
std::string FormatTable(const std::vector<std::string>& heading,
                        const std::vector<std::vector<TableCell>>& rows);

}  // namespace cli

#endif  // FUNCTION_CLI_TABLE_H_
