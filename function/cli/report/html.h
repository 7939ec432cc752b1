// HTML that is put together from elements and texts, never from strings.
//
// Names of elements and attributes are literals, which the compiler holds against what a report may have: no
// scripts, no handlers, no styles, no addresses. Everything else is text, which is escaped where it is
// written, and in which control characters and marks of direction can be seen. So nothing that an export says
// can become markup.
#ifndef FUNCTION_CLI_REPORT_HTML_H_
#define FUNCTION_CLI_REPORT_HTML_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/string_view.h"

namespace cli::report {

class ElementName {
 public:
  // Does not compile for other names. NOLINTNEXTLINE(google-explicit-constructor): literals are meant to be
  // taken.
  consteval ElementName(const char* name) : name_(name) {  // NOLINT(google-explicit-constructor)
    if (!IsOneOf(kAllowed)) throw "no element of a report";
  }

  std::string_view name() const { return name_; }
  bool is_void() const { return IsOneOf(kVoid); }
  // A line of its own in the source of the page.
  bool is_inline() const { return IsOneOf(kInline); }

 private:
  static constexpr std::string_view kAllowed =
      " html head title meta body header footer main nav section h1 h2 h3 h4 h5 p ul ol li dl dt dd div "
      "table "
      "caption thead tbody tr th td details summary a abbr b bdi code span strong time br svg g line rect "
      "circle path text ";
  static constexpr std::string_view kVoid = " meta br ";
  static constexpr std::string_view kInline =
      " a abbr b bdi code span strong time br svg g line rect circle path text ";

  constexpr bool IsOneOf(std::string_view names) const {
    for (size_t start = 0; start < names.size();) {
      const size_t end = names.find(' ', start);
      const size_t stop = end == std::string_view::npos ? names.size() : end;
      if (names.substr(start, stop - start) == name_) return !name_.empty();
      start = stop + 1;
    }
    return false;
  }

  std::string_view name_;
};

class AttributeName {
 public:
  consteval AttributeName(const char* name) : name_(name) {  // NOLINT(google-explicit-constructor)
    if (name_.empty() || name_.substr(0, 2) == "on" || name_ == "style" || name_ == "href" ||
        name_ == "xlink:href" || name_ == "src" || name_ == "srcdoc" || name_ == "action") {
      throw "no attribute of a report: links are made by Link and Jump";
    }
  }

  std::string_view name() const { return name_; }

 private:
  std::string_view name_;
};

struct Attribute {
  AttributeName name;
  std::string value;  // escaped where it is written
};

// A piece of a page. Only the functions below make one that is not empty.
class Html {
 public:
  Html() = default;

  Html& Add(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }
  const std::string& markup() const { return markup_; }
  bool empty() const { return markup_.empty(); }

 private:
  friend Html Text(absl::string_view text);
  friend Html Element(ElementName name, const std::vector<Attribute>& attributes,
                      const std::vector<Html>& children);
  friend Html Link(absl::string_view url);
  friend Html Jump(absl::string_view id, const Html& content);
  friend Html StyleSheet();
  friend std::string Document(const Html& html);

  std::string markup_;
};

// What anybody wrote, as text. Line breaks become "↵", tabs "⇥", other controls and what is not seen
// "⟨U+202E⟩"; bytes that are not UTF-8 become U+FFFD.
Html Text(absl::string_view text);

Html Element(ElementName name, const std::vector<Attribute>& attributes = {},
             const std::vector<Html>& children = {});

// The address as text, and a link to it where it is http or https, has a host and no user, and is of visible
// ASCII alone; the target learns nothing of this page.
Html Link(absl::string_view url);

// A link to an element of this page. `id`: of letters, digits and dashes; others lead nowhere.
Html Jump(absl::string_view id, const Html& content);

// The page's one style sheet, and its hash as a Content-Security-Policy names it: 'sha256-…'.
Html StyleSheet();
std::string StyleSheetHash();

// The whole document, out of its html element.
std::string Document(const Html& html);

// One after the other.
Html Join(const std::vector<Html>& parts);
Html Join(const std::vector<Html>& parts, const Html& between);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_HTML_H_
