#include "function/cli/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "function/cli/terminal.h"

namespace cli {
namespace {

using Row = std::vector<TableCell>;

std::string FormatRow(const Row& row, const std::vector<size_t>& widths) {
  std::string line;
  size_t gap = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    const TableCell& cell = row[i];
    if (!cell.text.empty()) {
      absl::StrAppend(&line, std::string(gap, ' '), cell.painted.empty() ? cell.text : cell.painted);
      gap = 0;
    }
    gap += widths[i] - Columns(cell.text) + 2;
  }
  return line + "\n";
}

}  // namespace

std::string FormatTable(const std::vector<std::string>& heading, const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  Row head;
  for (const std::string& name : heading) {
    head.push_back({name, ""});
    widths.push_back(Columns(name));
  }
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Columns(row[i].text));
  }
  std::string text = FormatRow(head, widths);
  for (const Row& row : rows) text += FormatRow(row, widths);
  return text;
}

}  // namespace cli
