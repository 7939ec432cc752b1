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

// Colours where they are wanted.
class Paint {
 public:
  explicit Paint(bool with_color) : with_color_(with_color) {}

  std::string Bold(absl::string_view text) const { return In("1", text); }
  std::string Good(absl::string_view text) const { return In("32", text); }
  std::string Bad(absl::string_view text) const { return In("31", text); }
  std::string Waiting(absl::string_view text) const { return In("33", text); }
  std::string Faint(absl::string_view text) const { return In("2", text); }
  std::string Mark(bool is_good) const { return is_good ? Good("✓") : Bad("✗"); }
  // "approved", "pending", or one of the two that close a gate.
  std::string Verdict(absl::string_view verdict) const;

 private:
  std::string In(absl::string_view code, absl::string_view text) const;

  bool with_color_;
};

class Marks {
 public:
  explicit Marks(bool with_color) : paint_(with_color) {}

  std::string Good() const { return paint_.Mark(true); }
  std::string Bad() const { return paint_.Mark(false); }
  std::string Open() const { return paint_.Waiting("?"); }
  std::string Note() const { return paint_.Faint("·"); }

 private:
  Paint paint_;
};

}  // namespace cli

#endif  // FUNCTION_CLI_TERMINAL_H_
