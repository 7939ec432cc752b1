// What reports for people have in common: marks, colours, and text of others made harmless.
#ifndef FUNCTION_CLI_TERMINAL_H_
#define FUNCTION_CLI_TERMINAL_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cli {

// One line without control characters, C1 and bidirectional ones too: a manifest must not steer a terminal,
// nor make what is about to be signed look like something else. Bytes that are not UTF-8 become '?'.
std::string OneLine(absl::string_view text);

// Columns that it takes where each code point takes one.
size_t Columns(absl::string_view text);

// Filled with blanks up to `width` columns.
std::string Padded(absl::string_view text, size_t width);

class Marks {
 public:
  explicit Marks(bool with_color) : with_color_(with_color) {}

  std::string Good() const { return Paint("32", "✓"); }
  std::string Bad() const { return Paint("31", "✗"); }
  std::string Open() const { return Paint("33", "?"); }
  std::string Note() const { return Paint("2", "·"); }

 private:
  std::string Paint(absl::string_view code, absl::string_view mark) const;

  bool with_color_;
};

}  // namespace cli

#endif  // FUNCTION_CLI_TERMINAL_H_
