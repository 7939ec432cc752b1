// Nothing that an export says becomes markup.
#include "function/cli/report/html.h"

#include <string>
#include <vector>

#include "test/catch.h"

namespace cli::report {
namespace {

struct TextCase {
  const char* name;
  const char* why;
  std::string text;
  std::string markup;
};

TEST_CASE("text of others is escaped, and what is not seen is shown", "[report]") {
  const std::vector<TextCase> cases = {
      {"plain", "most of all texts", "alice@example.org", "alice@example.org"},
      {"markup", "stays what it is to a reader", "<script>alert(1)</script>",
       "&lt;script&gt;alert(1)&lt;/script&gt;"},
      {"quotes", "they would end an attribute", "\" onclick='x'", "&quot; onclick=&#39;x&#39;"},
      {"entity", "it is no entity of ours", "&lt;", "&amp;lt;"},
      {"letters beyond ASCII", "names of people", "Zoë 李 😀", "Zoë 李 😀"},
      {"lines", "a text is one line, and shows where it was more", "a\nb\tc", "a↵b⇥c"},
      {"control characters", "ESC, NUL, DEL and C1", std::string("\x1b[2J\0\x7f\xc2\x9b", 8),
       "⟨U+001B⟩[2J⟨U+0000⟩⟨U+007F⟩⟨U+009B⟩"},
      {"an override of direction", "it makes a name look like another one", "a\u202egpj.exe",
       "a⟨U+202E⟩gpj.exe"},
      {"isolates and marks", "likewise", "\u2066\u2069\u200f\u061c", "⟨U+2066⟩⟨U+2069⟩⟨U+200F⟩⟨U+061C⟩"},
      {"no width", "two names that look alike", "al\u200bice\ufeff\u00ad", "al⟨U+200B⟩ice⟨U+FEFF⟩⟨U+00AD⟩"},
      {"tags", "a hidden text in a text", "\U000e0041", "⟨U+E0041⟩"},
      {"no character", "a parser would complain", "\uffff\ufdd0", "⟨U+FFFF⟩⟨U+FDD0⟩"},
      {"not UTF-8", "a byte that begins nothing, a cut letter, a surrogate, too long a form",
       "\xff|\xe6\x9d|\xed\xa0\x80|\xc0\xbc", "\ufffd|\ufffd\ufffd|\ufffd\ufffd\ufffd|\ufffd\ufffd"},
  };
  for (const TextCase& c : cases) {
    INFO(c.name << ": " << c.why);
    CHECK(Text(c.text).markup() == c.markup);
    CHECK(Element("td", {{"class", c.text}}).markup() == "<td class=\"" + c.markup + "\"></td>\n");
  }
}

struct LinkCase {
  const char* url;
  bool is_link;
  const char* why;
};

TEST_CASE("only addresses of web pages become links", "[report]") {
  const LinkCase cases[] = {
      {"https://ci.example.org/run/1?a=b&c=d#e", true, "what a check reports"},
      {"http://ci/", true, "inside of a company"},
      {"http://[::1]:8080/x", true, "a host may be a number"},
      {"javascript:alert(1)", false, "it would run"},
      {"JaVaScRiPt:alert(1)", false, "in any case"},
      {"data:text/html,<script>alert(1)</script>", false, "it would be a page of its own"},
      {"vbscript:x", false, "only http and https"},
      {"file:///etc/passwd", false, "only http and https"},
      {"//evil.example/", false, "it has no scheme"},
      {"/path", false, "it would lead to where the report lies"},
      {"https://", false, "it has no host"},
      {"https:///path", false, "it has no host"},
      {"HTTPS://ci.example.org", false, "nobody's tool writes it so"},
      {" https://ci.example.org", false, "a browser would drop the blank"},
      {"https://ci.example.org/a b", false, "no blanks"},
      {"https://github.com@evil.example/", false, "it looks like another host"},
      {"https://a:b@evil.example/", false, "it has a user"},
      {"https://evil.example\\@github.com", true,
       "a browser reads the backslash as a slash: the host is evil.example"},
      {"https://ci.example.org/\u202egpj", false, "it looks like another address"},
      {"https://gіthub.com/", false, "its i is Cyrillic"},
      {"java\nscript:alert(1)", false, "a browser drops line breaks"},
  };
  for (const LinkCase& c : cases) {
    INFO(c.url << ": " << c.why);
    const std::string markup = Link(c.url).markup();
    CHECK((markup.find("<a href=") == 0) == c.is_link);
    CHECK((markup.find("rel=\"noopener noreferrer\"") != std::string::npos) == c.is_link);
    CHECK(markup.find(Text(c.url).markup() + "</") != std::string::npos);
  }
}

TEST_CASE("jumps lead to elements of the page only", "[report]") {
  CHECK(Jump("gate-1", Text("x")).markup() == "<a href=\"#gate-1\">x</a>");
  CHECK(Jump("\"><script>", Text("x")).markup() == "x");
  CHECK(Jump("", Text("x")).markup() == "x");
}

TEST_CASE("elements nest, and void ones have no end", "[report]") {
  CHECK(Element("p", {}, {Text("a"), Element("br"), Element("b", {}, {Text("<")})}).markup() ==
        "<p>a<br><b>&lt;</b></p>\n");
}

TEST_CASE("the policy names the style sheet by its hash", "[report]") {
  // openssl dgst -sha256 -binary | base64, over what is between the tags: the browser's test holds it to
  // that.
  CHECK(StyleSheetHash().find("'sha256-") == 0);
  CHECK(StyleSheetHash().size() == 8 + 44 + 1);
  CHECK(StyleSheet().markup().find("</style") == StyleSheet().markup().size() - 9);
}

}  // namespace
}  // namespace cli::report
