#include "function/cli/yaml.h"

#include "function/cli/yaml_scalar.h"
#include "test/catch.h"

namespace cli {
namespace {

using base::Json;

TEST_CASE("plain scalars are what kubectl reads") {
  struct Case {
    const char* text;
    Json want;
    const char* reason;
  };
  const Case cases[] = {
      {"", nullptr, "nothing is null"},
      {"~", nullptr, "YAML 1.1's null"},
      {"NULL", nullptr, "null in capitals"},
      {"nuLL", "nuLL", "mixed case is text"},
      {"yes", true, "YAML 1.1"},
      {"Off", false, "YAML 1.1"},
      {"n", false, "one letter"},
      {"no way", "no way", "more than the word"},
      {"0", 0, "zero"},
      {"-7", -7, "negative"},
      {"+7", 7, "a sign"},
      {"1_000", 1000, "underscores are left out"},
      {"010", 8, "a leading zero is octal"},
      {"0o17", 15, "octal, YAML 1.2"},
      {"0x1F", 31, "hex"},
      {"0b101", 5, "binary"},
      {"0089", 89.0, "no octal digits: a float, as Go reads it"},
      {"9223372036854775807", INT64_MAX, "the largest signed"},
      {"18446744073709551615", UINT64_MAX, "the largest unsigned"},
      {"1.5", 1.5, "a fraction"},
      {".5", 0.5, "no digit before the point"},
      {"1e3", 1000.0, "an exponent"},
      {"1e", "1e", "an exponent without digits"},
      {"1.2.3", "1.2.3", "a version"},
      {"-", "-", "a dash alone"},
      {"2026-01-02", "2026-01-02", "a date stays text"},
      {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "a time stays text"},
      {"12:30", "12:30", "no sexagesimals"},
  };
  for (const Case& c : cases) {
    INFO(c.text << ": " << c.reason);
    const absl::StatusOr<Json> value = ResolvePlainScalar(c.text);
    REQUIRE(value.ok());
    CHECK(*value == c.want);
    CHECK(value->type_name() == std::string(c.want.type_name()));
  }
}

TEST_CASE("documents") {
  struct Case {
    const char* name;
    const char* text;
    Json want;
  };
  const Case cases[] = {
      {"a stream with empty documents",
       "---\n# nothing\n---\na: 1\n---\n[x, 'y']\n",
       {Json::object({{"a", 1}}), Json::array({"x", "y"})}},
      {"JSON is YAML", "{\"a\": {\"b\": [true, null, \"1\"]}}",
       Json::array({{{"a", {{"b", {true, nullptr, "1"}}}}}})},
      {"quoted scalars are text", "a: '5'\nb: \"yes\"\nc: |\n  7\n",
       Json::array({{{"a", "5"}, {"b", "yes"}, {"c", "7\n"}}})},
      {"an alias is what it names", "a: &x {b: 1}\nc: *x\n",
       Json::array({{{"a", {{"b", 1}}}, {"c", {{"b", 1}}}}})},
      {"a merge key gives way to the object's own", "a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n",
       Json::array({{{"a", {{"b", 1}, {"c", 2}}}, {"d", {{"b", 3}, {"c", 2}}}}})},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const absl::StatusOr<std::vector<Json>> documents = ParseYaml(c.text, "file");
    REQUIRE(documents.ok());
    CHECK(Json(*documents) == c.want);
  }
}

TEST_CASE("what is refused") {
  struct Case {
    const char* name;
    std::string text;
    const char* want;
  };
  std::string aliases = "a0: &a0 [1, 1]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string n = std::to_string(i), before = std::to_string(i - 1);
    aliases += "a" + n + ": &a" + n + " [*a" + before + ", *a" + before + "]\n";
  }
  std::string texts = "a: &a " + std::string(1 << 20, 'x') + "\nb: [";
  for (int i = 0; i < 100; ++i) texts += "*a, ";
  const Case cases[] = {
      {"aliases of a long text", texts + "c]\n", "file:1: has more than 64 MB of text"},
      {"aliases of a long text in many documents",
       [&] {
         std::string documents;
         for (int i = 0; i < 70; ++i) documents += "---\na: " + std::string(1 << 20, 'x') + "\n";
         return documents;
       }(),
       "has more than 64 MB of text"},
      {"a key twice: which one counts is no question to guess at", "a: 1\nb: 2\na: 3\n",
       "file:3: the key \"a\" is there twice"},
      {"a key that is an object", "? {a: b}\n: c\n", "file:1: a key must be text"},
      {"infinity", "a: .inf\n", "file:1: .inf is a number that JSON does not have"},
      {"a broken document", "a: [1\n", "file:2: is not valid YAML: end of sequence flow not found"},
      {"what follows a document", "{\"a\": 1},\n\"b\": 1\n",
       "file:1: is not valid YAML: unexpected content after a document"},
      {"a tab as indentation", "a:\n\tb: 1\n", "file:2: is not valid YAML: illegal map value"},
      {"levels without end", std::string(150, '[') + std::string(150, ']'),
       "file:1: is nested deeper than 100 levels"},
      {"aliases that double 30 times", aliases, "has more than 1000000 values"},
      {"bytes that are no text", "a: 1\nb: \"\xff\"\n", "file:2: is not UTF-8"},
      {"a key of such bytes", "a\xc3: 1\n", "file:1: is not UTF-8"},
      {"a merge of a text", "a: {<<: b}\n", "file:1: << takes an object or a list of objects"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const absl::StatusOr<std::vector<Json>> documents = ParseYaml(c.text, "file");
    REQUIRE_FALSE(documents.ok());
    CHECK_THAT(std::string(documents.status().message()), Catch::Contains(c.want));
  }
}

TEST_CASE("what is written, spelled out") {
  const Json value = {{"text", "plain"},       {"bool", "yes"},
                      {"number", "1"},         {"empty", ""},
                      {"list", {1, "a"}},      {"none", nullptr},
                      {"map", Json::object()}, {"lines", "a\n b\n"},
                      {"cut", "a\nb"},         {"objects", {{{"x", 1}, {"y", {true}}}, {{"z", ""}}}}};
  CHECK(ToYaml(value) == R"(bool: "yes"
cut: |-
  a
  b
empty: ""
lines: |
  a
   b
list:
- 1
- a
map: {}
none: null
number: "1"
objects:
- x: 1
  "y":
  - true
- z: ""
text: plain
)");
}

TEST_CASE("what is written reads the same") {
  std::vector<std::string> texts = {"",
                                    " ",
                                    "a ",
                                    " a",
                                    "a: b",
                                    "a:",
                                    "a #b",
                                    "#a",
                                    "- a",
                                    "-",
                                    "---",
                                    "...",
                                    "null",
                                    "~",
                                    "true",
                                    "y",
                                    "0x1",
                                    "1e3",
                                    ".5",
                                    "1_0",
                                    "a\nb",
                                    "a\nb\n",
                                    "a\n\n",
                                    "\na",
                                    "\n",
                                    " a\nb",
                                    "a \nb",
                                    "a\n\tb",
                                    "\ta",
                                    "a\r\nb",
                                    "\x01",
                                    "\x7f",
                                    "\"",
                                    "'",
                                    "\\",
                                    "{a}",
                                    "[a]",
                                    "*a",
                                    "&a",
                                    "!a",
                                    "|",
                                    ">",
                                    "%a",
                                    "@a",
                                    "`a`",
                                    "? a",
                                    "<<",
                                    "=",
                                    "ä€😀",
                                    "\xc2\x85",
                                    "\xe2\x80\xa8",
                                    "\xef\xbb\xbf",
                                    "a\xe2\x80\xa9\nb",
                                    "a\n---\nb",
                                    "a\n...\nb",
                                    "2026-01-02T03:04:05Z",
                                    "12:30:45",
                                    "+1",
                                    "a, b",
                                    "a]",
                                    "a\n  b\n c"};
  // A key of any length, be its value on the line or below it.
  for (const size_t size : {1000, 1010, 1016, 1017, 1024, 1100, 5000}) {
    const std::string key(size, 'k'), quoted = "'" + key;
    const Json value = {
        {key, "text"}, {quoted, {1, {{key, "a\nb\n"}}}}, {"z", {{{key, {{quoted, {1}}}}, {"a", 1}}}}};
    INFO(size);
    const absl::StatusOr<std::vector<Json>> read = ParseYaml(ToYaml(value), "written");
    REQUIRE(read.ok());
    CHECK(read->at(0) == value);
  }
  Json all = Json::object();
  for (const std::string& text : texts) {
    Json nested = {{"list", {text, {{"key", text}}, {text}}}, {"key", text}};
    if (!text.empty()) nested[text] = text;
    for (const Json& value : {Json(text), nested, Json::array({nested, text})}) {
      INFO(value.dump() << "\n" << ToYaml(value));
      const absl::StatusOr<std::vector<Json>> read = ParseYaml(ToYaml(value), "written");
      REQUIRE(read.ok());
      REQUIRE(read->size() == 1);
      CHECK((*read)[0] == value);
    }
    all["list"].push_back(text);
  }
  CHECK(ParseYaml(ToYaml(all), "written")->at(0) == all);
}

}  // namespace
}  // namespace cli
