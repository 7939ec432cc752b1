#include "function/cli/report/html.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "function/base/sha256.h"
#include "function/cli/code_points.h"
#include "function/cli/report/style.h"

namespace cli::report {
namespace {

void AppendEscaped(char32_t code, std::string& markup) {
  switch (code) {
    case '&':
      markup += "&amp;";
      return;
    case '<':
      markup += "&lt;";
      return;
    case '>':
      markup += "&gt;";
      return;
    case '"':
      markup += "&quot;";
      return;
    case '\'':
      markup += "&#39;";
      return;
    case '\n':
      markup += "↵";
      return;
    case '\t':
      markup += "⇥";
      return;
    default:
      break;
  }
  // Code points that are for nobody's use: a parser would complain of them.
  const bool is_noncharacter = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
  if (code < 0x20 || code == 0x7f || is_noncharacter || IsInvisible(code)) {
    absl::StrAppend(&markup, "⟨U+", absl::StrFormat("%04X", static_cast<uint32_t>(code)), "⟩");
  } else {
    AppendCodePoint(code, markup);
  }
}

std::string Escaped(absl::string_view text) {
  std::string markup;
  markup.reserve(text.size());
  while (!text.empty()) AppendEscaped(TakeCodePoint(text), markup);
  return markup;
}

bool IsLinkable(absl::string_view url) {
  absl::string_view rest = url;
  if (!absl::ConsumePrefix(&rest, "https://") && !absl::ConsumePrefix(&rest, "http://")) return false;
  // A user before the host is there to look like one.
  const absl::string_view host = rest.substr(0, std::min(rest.find_first_of("/?#\\"), rest.size()));
  return !host.empty() && !absl::StrContains(host, '@') &&
         std::all_of(url.begin(), url.end(), [](char c) { return absl::ascii_isgraph(c); });
}

bool IsId(absl::string_view id) {
  return !id.empty() &&
         std::all_of(id.begin(), id.end(), [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
}

}  // namespace

Html Text(absl::string_view text) {
  Html html;
  html.markup_ = Escaped(text);
  return html;
}

Html Element(ElementName name, const std::vector<Attribute>& attributes, const std::vector<Html>& children) {
  Html html;
  std::string& markup = html.markup_;
  absl::StrAppend(&markup, "<", std::string(name.name()));
  for (const Attribute& attribute : attributes) {
    if (attribute.name.name() == "class" && attribute.value.empty()) continue;
    absl::StrAppend(&markup, " ", std::string(attribute.name.name()), "=\"", Escaped(attribute.value), "\"");
  }
  markup += ">";
  for (const Html& child : children) markup += child.markup_;
  if (!name.is_void()) absl::StrAppend(&markup, "</", std::string(name.name()), ">");
  if (!name.is_inline()) markup += "\n";
  return html;
}

Html Link(absl::string_view url) {
  if (!IsLinkable(url)) return Element("bdi", {}, {Text(url)});
  Html html;
  html.markup_ =
      absl::StrCat("<a href=\"", Escaped(url), "\" rel=\"noopener noreferrer\">", Escaped(url), "</a>");
  return html;
}

Html Jump(absl::string_view id, const Html& content) {
  if (!IsId(id)) return content;
  Html html;
  html.markup_ = absl::StrCat("<a href=\"#", id, "\">", content.markup_, "</a>");
  return html;
}

Html StyleSheet() {
  Html html;
  html.markup_ = absl::StrCat("<style>", kStyleSheet, "</style>\n");
  return html;
}

std::string StyleSheetHash() {
  return absl::StrCat("'sha256-", absl::Base64Escape(absl::HexStringToBytes(base::Sha256Hex(kStyleSheet))),
                      "'");
}

std::string Document(const Html& html) { return absl::StrCat("<!DOCTYPE html>\n", html.markup_); }

Html Join(const std::vector<Html>& parts) { return Join(parts, Html()); }

Html Join(const std::vector<Html>& parts, const Html& between) {
  Html joined;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined.Add(between);
    joined.Add(parts[i]);
  }
  return joined;
}

}  // namespace cli::report
