#include "function/codec/object_reader.h"

#include <cmath>
#include <string>
#include <vector>

#include "function/base/utf8.h"
#include "function/codec/struct_json.h"
#include "test/catch.h"

namespace codec {
namespace {

using base::Json;

// What `read` complains about in `object`, whose path is "spec".
std::string Errors(const Json& object, void (*read)(ObjectReader&)) {
  const std::string bytes = EncodeStruct(object);
  FieldErrors errors;
  {
    ObjectReader reader(StructView(bytes), FieldPath{nullptr, "spec"}, errors);
    read(reader);
  }
  return std::string(errors.ToStatus().message());
}

struct ReadCase {
  std::string reason;
  Json object;
  void (*read)(ObjectReader&);
  std::string error;
};

const std::vector<ReadCase> kReadCases = {
    {"nothing wrong", {{"a", "x"}}, [](ObjectReader& r) { r.String("a", 9); }, ""},
    {"null is as good as missing", {{"a", nullptr}}, [](ObjectReader& r) { r.String("a", 9); }, ""},
    {"null is missing where it is required",
     {{"a", nullptr}},
     [](ObjectReader& r) {
       r.Require("a");
       r.String("a", 9);
     },
     "spec.a: is required"},
    {"a field that nobody asked for",
     {{"polcy", 1}},
     [](ObjectReader&) {},
     "spec: has no field \"polcy\": remove it or correct its name"},
    {"a field that is none of our business",
     {{"crossplane", 1}},
     [](ObjectReader& r) { r.IgnoreIf([](absl::string_view key) { return key == "crossplane"; }); },
     ""},
    {"a number for a string",
     {{"a", 1}},
     [](ObjectReader& r) { r.String("a", 9); },
     "spec.a: must be a string, but is a number"},
    {"a string for a number",
     {{"a", "1"}},
     [](ObjectReader& r) { r.Integer("a", 0, 9, 0); },
     "spec.a: must be an integer, but is a string"},
    {"a string for a boolean",
     {{"a", "true"}},
     [](ObjectReader& r) { r.Bool("a", false); },
     "spec.a: must be true or false, but is a string"},
    {"a list for an object",
     {{"a", Json::array()}},
     [](ObjectReader& r) { r.Object("a", [](ObjectReader&) {}); },
     "spec.a: must be an object, but is a list"},
    {"an object for a list",
     {{"a", Json::object()}},
     [](ObjectReader& r) { r.ObjectList("a", [](ObjectReader&) {}); },
     "spec.a: must be a list, but is an object"},
    {"a boolean in a list of objects",
     {{"a", Json::array({true, nullptr})}},
     [](ObjectReader& r) { r.ObjectList("a", [](ObjectReader&) {}); },
     "spec.a[0]: must be an object, but is a boolean; spec.a[1]: must be an object, but is null"},
    {"a fraction",
     {{"a", 1.5}},
     [](ObjectReader& r) { r.Integer("a", 0, 9, 0); },
     "spec.a: must be an integer from 0 to 9, but is 1.5"},
    {"too little and too much",
     {{"a", -1}, {"b", 10}, {"c", 1e300}, {"d", -HUGE_VAL}, {"e", std::nan("")}},
     [](ObjectReader& r) {
       for (const char* key : {"a", "b", "c", "d", "e"}) r.Integer(key, 0, 9, 0);
     },
     "spec.a: must be an integer from 0 to 9, but is -1; spec.b: must be an integer from 0 to 9, but is 10; "
     "spec.c: must be an integer from 0 to 9, but is 1e+300; spec.d: must be an integer from 0 to 9, but is "
     "-inf; "
     "spec.e: must be an integer from 0 to 9, but is nan"},
    {"too long: code points count, as in a CRD",
     {{"a", "äöü"}, {"b", "äöüß"}},
     [](ObjectReader& r) {
       r.String("a", 3);
       r.String("b", 3);
     },
     "spec.b: must have at most 3 characters, but has 4"},
    {"not UTF-8", {{"a", "\xff"}}, [](ObjectReader& r) { r.String("a", 9); }, "spec.a: must be UTF-8"},
    {"an empty line", {{"a", ""}}, [](ObjectReader& r) { r.Line("a", 9); }, "spec.a: must not be empty"},
    {"an empty line that may be", {{"a", ""}}, [](ObjectReader& r) { r.OptionalLine("a", 9); }, ""},
    {"lines that are none",
     {{"a", "x\ny"}, {"b", " x"}, {"c", "x "}, {"d", "x\x7f"}},
     [](ObjectReader& r) {
       r.Line("a", 9);
       r.Line("b", 9);
       r.OptionalLine("c", 9);
       r.Line("d", 9);
     },
     "spec.a: must be one line without control characters and with no blank at either end; "
     "spec.b: must be one line without control characters and with no blank at either end; "
     "spec.c: must be one line without control characters and with no blank at either end; "
     "spec.d: must be one line without control characters and with no blank at either end"},
    {"one of some, one of one",
     {{"a", "z"}, {"b", "z"}},
     [](ObjectReader& r) {
       constexpr absl::string_view kTwo[] = {"x", "y"};
       constexpr absl::string_view kOne[] = {"x"};
       r.OneOf("a", kTwo, 0);
       r.OneOf("b", kOne, 0);
     },
     "spec.a: must be one of x, y, but is \"z\"; spec.b: must be x, but is \"z\""},
    {"what others wrote is cut, and on one line",
     {{"a", "x\n\t" + std::string(100, 'y')}, {"b", std::string(63, 'y') + "ä"}},
     [](ObjectReader& r) {
       constexpr absl::string_view kOne[] = {"x"};
       r.OneOf("a", kOne, 0);
       r.OneOf("b", kOne, 0);
     },
     "spec.a: must be x, but is \"x  " + std::string(61, 'y') + "…\"; spec.b: must be x, but is \"" +
         std::string(63, 'y') + "…\""},
    {"a time that is none",
     {{"a", "noon"}},
     [](ObjectReader& r) { r.Time("a"); },
     "spec.a: \"noon\" is no RFC 3339 time: write it as 2026-01-02T15:04:05Z"},
    {"a time of two lines",
     {{"a", "noon\nspec.b: is fine"}},
     [](ObjectReader& r) { r.Time("a"); },
     "spec.a: \"noon spec.b: is fine\" is no RFC 3339 time: write it as 2026-01-02T15:04:05Z"},
    {"a set with everything that a set can't have",
     {{"a", Json::array({"x", "x", "", 1, "y\n", "toolong"})}},
     [](ObjectReader& r) { r.StringSet("a", 9, 3); },
     "spec.a[1]: \"x\" is there twice: name it once; spec.a[2]: must have 1 to 3 characters, but has 0; "
     "spec.a[3]: must be a string, but is a number; "
     "spec.a[4]: must be one line without control characters and with no blank at either end; "
     "spec.a[5]: must have 1 to 3 characters, but has 7"},
    {"too many of a set",
     {{"a", Json::array({"x", "y", "z"})}},
     [](ObjectReader& r) { r.StringSet("a", 2, 3); },
     "spec.a: must have at most 2 items, but has 3"},
    {"too many of a list",
     {{"a", Json(51, Json::object())}},
     [](ObjectReader& r) { r.ObjectList("a", [](ObjectReader&) {}); },
     "spec.a: must have at most 50 items, but has 51"},
    {"paths go through lists and objects",
     {{"a", Json::array({Json::object(), {{"b", {{"c", 1}}}}})}},
     [](ObjectReader& r) {
       r.ObjectList("a", [](ObjectReader& item) {
         item.Object("b", [](ObjectReader& inner) { inner.String("c", 9); });
       });
     },
     "spec.a[1].b.c: must be a string, but is a number"},
    {"a map's value that is no string",
     {{"a", {{"k", 1}}}},
     [](ObjectReader& r) { r.StringMap("a", [](absl::string_view, absl::string_view) {}); },
     "spec.a.k: must be a string, but is a number"},
    {"at most ten errors are told",
     {{"a", Json::array({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})}},
     [](ObjectReader& r) { r.StringSet("a", 50, 9); },
     "spec.a[0]: must be a string, but is a number; spec.a[1]: must be a string, but is a number; "
     "spec.a[2]: must be a string, but is a number; spec.a[3]: must be a string, but is a number; "
     "spec.a[4]: must be a string, but is a number; spec.a[5]: must be a string, but is a number; "
     "spec.a[6]: must be a string, but is a number; spec.a[7]: must be a string, but is a number; "
     "spec.a[8]: must be a string, but is a number; spec.a[9]: must be a string, but is a number; and 2 "
     "more"},
};

TEST_CASE("Each kind of error says where, what is wrong and what is allowed", "[reader]") {
  for (const ReadCase& c : kReadCases) {
    INFO(c.reason);
    CHECK(Errors(c.object, c.read) == c.error);
  }
}

TEST_CASE("A wrong value reads as the default", "[reader]") {
  const std::string bytes = EncodeStruct({{"s", 1}, {"i", 1.5}, {"b", 1}, {"t", "x"}, {"o", "z"}});
  FieldErrors errors;
  ObjectReader reader(StructView(bytes), {}, errors);
  constexpr absl::string_view kNames[] = {"x", "y"};
  CHECK(reader.String("s", 9, "default") == "default");
  CHECK(reader.Integer("i", 0, 9, 7) == 7);
  CHECK(reader.Bool("b", true));
  CHECK_FALSE(reader.Time("t").has_value());
  CHECK(reader.OneOf("o", kNames, 1) == 1);
  CHECK_FALSE(errors.empty());
}

TEST_CASE("Bytes that are no Struct are told, with the fields before the damage read", "[reader]") {
  std::string bytes = EncodeStruct({{"a", "x"}}) + "\x0a\x7f";
  FieldErrors errors;
  ObjectReader reader(StructView(bytes), FieldPath{nullptr, "input"}, errors);
  CHECK(reader.String("a", 9) == "x");
  CHECK(errors.ToStatus().message() == "input: is not a google.protobuf.Struct");
}

TEST_CASE("An object with a flood of fields is refused, and not in quadratic time", "[reader]") {
  Json flood = Json::object();
  for (int i = 0; i < 200000; ++i) flood["field-" + std::to_string(i)] = 1;
  const std::string error = Errors(flood, [](ObjectReader& r) { r.String("a", 9); });
  CHECK(error.substr(0, error.find(';')) == "spec: has 200000 fields, and no object has more than 256");
}

struct Utf8Case {
  std::string reason;
  std::string text;
  bool valid;
};

TEST_CASE("UTF-8 is what RFC 3629 says", "[reader]") {
  const std::vector<Utf8Case> cases = {
      {"nothing", "", true},
      {"ASCII, NUL too", std::string("a\0b", 3), true},
      {"two, three and four bytes", "ä€😀", true},
      {"the last code point", "\xf4\x8f\xbf\xbf", true},
      {"after the last code point", "\xf4\x90\x80\x80", false},
      {"five bytes", "\xf8\x88\x80\x80\x80", false},
      {"a byte that continues nothing", "\x80", false},
      {"a sequence that is cut off", "\xe2\x82", false},
      {"a sequence that is cut off by a letter", "\xe2\x82z", false},
      {"two bytes for an ASCII character", "\xc0\xaf", false},
      {"three bytes for what takes two", "\xe0\x9f\xbf", false},
      {"four bytes for what takes three", "\xf0\x8f\xbf\xbf", false},
      {"a surrogate", "\xed\xa0\x80", false},
      {"just before the surrogates", "\xed\x9f\xbf", true},
      {"just after the surrogates", "\xee\x80\x80", true},
      {"bytes that never occur", "\xff\xfe", false},
  };
  for (const Utf8Case& c : cases) {
    INFO(c.reason);
    CHECK(base::IsUtf8(c.text) == c.valid);
  }
}

}  // namespace
}  // namespace codec
