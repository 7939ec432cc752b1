#include "function/base/json.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "test/catch.h"

namespace base {
namespace {

std::string Nested(size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST_CASE("JSON that anybody wrote is read to a depth of a thousand", "[json]") {
  CHECK(ParseJson(R"({"a": [1, "b"]})") == Json({{"a", {1, "b"}}}));
  CHECK(ParseJson("").is_discarded());
  CHECK(ParseJson("{").is_discarded());
  CHECK(ParseJson(Nested(1000)).is_array());
  CHECK(ParseJson(Nested(1001)).is_discarded());
  CHECK(ParseJson(std::string(5000, '[')).is_discarded());
  std::string siblings = "[";
  for (int i = 0; i < 5000; ++i) siblings += "{},";
  CHECK(ParseJson(siblings + "{}]").size() == 5001);
  const std::string text(5000, '[');
  CHECK(ParseJson(absl::StrCat("[\"", text, "\"]"))[0] == text);
  CHECK(ParseJson(absl::StrCat("[\"\\\"", text, "\"]"))[0] == "\"" + text);
}

struct CanonicalCase {
  std::string reason;
  Json value;
  std::string text;
};

// RFC 8785, section 3.2, as far as values with ASCII keys and integers go.
TEST_CASE("Canonical JSON is that of RFC 8785", "[json]") {
  const std::vector<CanonicalCase> cases = {
      {"no blanks, and keys in order",
       {{"b", 1}, {"a", Json::array({1, 2})}, {"B", nullptr}},
       "{\"B\":null,\"a\":[1,2],\"b\":1}"},
      {"keys in order at every depth", {{"z", {{"y", 1}, {"x", 2}}}}, "{\"z\":{\"x\":2,\"y\":1}}"},
      {"literals", Json::array({nullptr, true, false}), "[null,true,false]"},
      {"the short escapes", "\b\t\n\f\r\"\\", "\"\\b\\t\\n\\f\\r\\\"\\\\\""},
      {"what has to be escaped among what has not", "{\"a\":\"C:\\\\b\"}",
       "\"{\\\"a\\\":\\\"C:\\\\\\\\b\\\"}\""},
      {"other control characters in lower-case hex", std::string("\x01\x0f\x1f", 3),
       "\"\\u0001\\u000f\\u001f\""},
      {"NUL", std::string("a\0b", 3), "\"a\\u0000b\""},
      {"what needs no escape has none", "/\x7f<>&'", "\"/\x7f<>&'\""},
      {"text as it is", "€ä😀", "\"€ä😀\""},
      {"integers", Json::array({0, -1, 9007199254740991, -9007199254740991}),
       "[0,-1,9007199254740991,-9007199254740991]"},
      {"empty", Json::array({Json::object(), Json::array(), ""}), "[{},[],\"\"]"},
  };
  for (const CanonicalCase& c : cases) {
    INFO(c.reason);
    CHECK(CanonicalJson(c.value) == c.text);
    CHECK(Json::parse(CanonicalJson(c.value)) == c.value);
    if (c.value.is_string()) CHECK(CanonicalJsonString(c.value.get<std::string>()) == c.text);
  }
}

TEST_CASE("Bytes that are not UTF-8 become U+FFFD, and nothing throws", "[json]") {
  CHECK(CanonicalJson("a\xff") == "\"a\xef\xbf\xbd\"");
  CHECK(CanonicalJsonString("a\xff") == "\"a\xef\xbf\xbd\"");
  CHECK(CanonicalJson({{"\xff", 1}}) == "{\"\xef\xbf\xbd\":1}");
  CHECK(CanonicalJson("\xe2\x82") == "\"\xef\xbf\xbd\"");
}

// Braces mean an object or a list, depending on what is in them: these are the ways in which manifests are
// written.
TEST_CASE("What braces make of a value", "[json]") {
  const Json pair = {{"key", "value"}};
  CHECK(pair.dump() == "{\"key\":\"value\"}");
  const Json nested = {{"outer", {{"inner", "value"}}}};
  CHECK(nested.dump() == "{\"outer\":{\"inner\":\"value\"}}");
  // The trap: a list of two texts is a pair, so one level of braces too few makes a list of it.
  const Json two_texts = {"key", "value"};
  CHECK(two_texts.dump() == "[\"key\",\"value\"]");
  // The trap: a list whose elements all are pairs with a text first is an object.
  const Json list_of_pairs = {{"a", 1}, {"b", 2}};
  CHECK(list_of_pairs.is_object());
  CHECK(Json::array({Json::array({"a", 1}), Json::array({"b", 2})}).is_array());
  // The trap: array() of one object in braces; Json::object says what is meant.
  CHECK(Json::array({{{"name", "x"}}}).dump() == "[{\"name\":\"x\"}]");
  CHECK(Json::array({Json::object({{"name", "x"}})}).dump() == "[{\"name\":\"x\"}]");
  CHECK(Json::array({Json::object({{"name", "x"}}), Json::object({{"name", "y"}})}).dump() ==
        "[{\"name\":\"x\"},{\"name\":\"y\"}]");
  // The trap: a copy in braces. It is the value itself with gcc; nothing of ours relies on it.
  const Json copy(pair);
  CHECK(copy == pair);
}

}  // namespace
}  // namespace base
