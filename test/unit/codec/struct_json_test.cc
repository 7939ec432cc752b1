// Our reading and writing of google.protobuf.Struct, held against Protobuf's own.
#include "function/codec/struct_json.h"

#include <google/protobuf/stubs/logging.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "function/codec/struct_view.h"
#include "test/catch.h"
#include "test/support/proto_struct.h"
#include "test/support/random_json.h"

namespace codec {
namespace {

using base::Json;
using google::protobuf::Struct;
using test_support::FromStruct;
using test_support::RandomObject;
using test_support::ToStruct;

TEST_CASE("What we encode, Protobuf reads as the same JSON", "[struct]") {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    const Json object = RandomObject(random, 5);
    Struct parsed;
    REQUIRE(parsed.ParseFromString(EncodeStruct(object)));
    CHECK(FromStruct(parsed) == object);
  }
}

TEST_CASE("What Protobuf encodes, we read as the same JSON", "[struct]") {
  std::mt19937 random(2);
  for (int round = 0; round < 2000; ++round) {
    const Json object = RandomObject(random, 5);
    const absl::StatusOr<Json> decoded = DecodeStruct(ToStruct(object).SerializeAsString());
    REQUIRE(decoded.ok());
    CHECK(*decoded == object);
  }
}

TEST_CASE("Sizes are read the same whether they take one, two or three bytes", "[struct]") {
  for (const size_t size : {0, 1, 100, 120, 126, 127, 128, 129, 16370, 16382, 16383, 16384, 20000}) {
    INFO(size);
    const std::string text(size, 'x');
    const Json object = {{"before", true},
                         {"text", text},
                         {"list", {text, 1}},
                         {"object", {{"text", text}}},
                         {text + "key", "after"}};
    const std::string bytes = EncodeStruct(object);
    Struct parsed;
    REQUIRE(parsed.ParseFromString(bytes));
    CHECK(FromStruct(parsed) == object);
    CHECK(*DecodeStruct(bytes) == object);
    CHECK(StructView(bytes).String({"object", "text"}) == text);
    CHECK(StructView(bytes).String({text + "key"}) == "after");
  }
}

TEST_CASE("Every truncation of a Struct is refused or read as Protobuf reads it", "[struct]") {
  const google::protobuf::LogSilencer silence;
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    const std::string whole = EncodeStruct(RandomObject(random, 4));
    for (size_t size = 0; size <= whole.size(); ++size) {
      const absl::string_view cut(whole.data(), size);
      Struct parsed;
      const bool valid = parsed.ParseFromArray(cut.data(), static_cast<int>(cut.size()));
      const absl::StatusOr<Json> decoded = DecodeStruct(cut);
      CHECK(decoded.ok() == valid);
      if (valid) CHECK(StructView(cut).well_formed());
      if (valid && decoded.ok()) CHECK(*decoded == FromStruct(parsed));
    }
  }
}

TEST_CASE("Whatever bytes are flipped, nothing crashes, and what Protobuf accepts reads the same",
          "[struct]") {
  const google::protobuf::LogSilencer silence;
  std::mt19937 random(4);
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = EncodeStruct(RandomObject(random, 3));
    for (size_t flips = 1 + random() % 4; flips > 0 && !bytes.empty(); --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    Struct parsed;
    // Protobuf skips what it does not know, some of which we refuse: it decides where it writes the same
    // again.
    bool valid = parsed.ParseFromString(bytes);
    parsed.DiscardUnknownFields();
    valid = valid && test_support::SerializeInOrder(parsed) == bytes;
    const StructView view(bytes);
    const absl::StatusOr<Json> decoded = DecodeStruct(bytes);
    if (valid) {
      ++accepted;
      CHECK(view.well_formed());
      REQUIRE(decoded.ok());
      CHECK(*decoded == FromStruct(parsed));
    }
    for (const StructView::Field& field : view.All()) {
      view.Find(field.key);
      field.value.AsList();
      field.value.AsStruct().All();
    }
    view.RawEntries();
  }
  CHECK(accepted > 1000);
}

TEST_CASE("A field that is there twice counts as it stands last", "[struct]") {
  std::string bytes = EncodeStruct({{"a", 1}});
  AppendStruct(bytes, {{"a", "two"}});
  const StructView view(bytes);
  CHECK(view.Find("a")->AsString() == "two");
  CHECK(view.All().size() == 2);
  CHECK(*DecodeStruct(bytes) == Json({{"a", "two"}}));
  Struct parsed;
  REQUIRE(parsed.ParseFromString(bytes));
  CHECK(FromStruct(parsed) == Json({{"a", "two"}}));
}

Json Nested(int levels, bool lists) {
  Json value = 1;
  for (int i = 0; i < levels; ++i) {
    Json outer = lists ? Json::array() : Json::object();
    lists ? outer.push_back(std::move(value)) : void(outer["a"] = std::move(value));
    value = std::move(outer);
  }
  return Json({{"top", std::move(value)}});
}

TEST_CASE("A Struct that is nested deeper than 100 levels is refused", "[struct]") {
  for (const bool lists : {true, false}) {
    INFO((lists ? "lists" : "objects"));
    CHECK(DecodeStruct(EncodeStruct(Nested(99, lists))).ok());
    const absl::Status refused = DecodeStruct(EncodeStruct(Nested(100, lists))).status();
    CHECK(refused.message() == "nested deeper than 100 levels");
    CHECK_FALSE(DecodeStruct(EncodeStruct(Nested(2000, lists))).ok());
  }
}

TEST_CASE("Numbers are doubles, and integers while a double can hold them", "[struct]") {
  const Json decoded = *DecodeStruct(EncodeStruct(
      {{"i", 7}, {"f", 7.5}, {"whole", 7.0}, {"big", 9007199254740992}, {"bigger", 1e17}, {"negative", -3}}));
  CHECK(decoded["i"].is_number_integer());
  CHECK(decoded["f"].is_number_float());
  CHECK(decoded["whole"].is_number_integer());
  CHECK(decoded["big"].is_number_integer());
  CHECK(decoded["bigger"].is_number_float());
  CHECK(decoded["negative"] == -3);
  const Json odd = {{"nan", std::nan("")}, {"inf", HUGE_VAL}};
  const Json odd_decoded = *DecodeStruct(EncodeStruct(odd));
  CHECK(std::isnan(odd_decoded["nan"].get<double>()));
  CHECK(std::isinf(odd_decoded["inf"].get<double>()));
}

TEST_CASE("A path leads through objects only", "[struct]") {
  const std::string bytes =
      EncodeStruct({{"a", {{"b", {{"c", "deep"}}}, {"n", nullptr}, {"l", Json::array({1})}}}, {"s", "text"}});
  const StructView view(bytes);
  CHECK(view.String({"a", "b", "c"}) == "deep");
  CHECK(view.String({"a", "b"}) == "");
  CHECK(view.String({"s", "b"}) == "");
  CHECK(view.String({"a", "l", "c"}) == "");
  CHECK_FALSE(view.Find({"a", "n"}).has_value());
  CHECK_FALSE(view.Find({"a", "n", "x"}).has_value());
  CHECK(view.Find({"a", "l"})->AsList().size() == 1);
  CHECK(view.Find("s")->AsNumber() == 0);
  CHECK_FALSE(view.Find("s")->AsBool());
  CHECK(view.Find("s")->AsStruct().wire().empty());
  CHECK(view.Find("s")->AsList().empty());
}

}  // namespace
}  // namespace codec
