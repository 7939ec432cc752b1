#include "function/codec/checked_stream.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "function/codec/wire.h"
#include "proto/run_function_lazy.pb.h"
#include "test/catch.h"

namespace codec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::io::ArrayInputStream;

void CheckShape(const MessageShape& shape, const Descriptor& message) {
  INFO(message.full_name());
  std::set<uint32_t> numbers;
  for (const MessageShape::Field& field : shape.fields) {
    CHECK(numbers.insert(field.number).second);
    const FieldDescriptor* found = message.FindFieldByNumber(static_cast<int>(field.number));
    REQUIRE(found != nullptr);
    REQUIRE(found->message_type() != nullptr);
    CheckShape(*field.message, *found->message_type());
  }
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->message_type() != nullptr) CHECK(numbers.count(message.field(i)->number()) == 1);
  }
}

TEST_CASE("The request's shape is that of its .proto", "[codec]") {
  CheckShape(kRequestShape, *fn::lazy::RunFunctionRequest::descriptor());
}

std::string Bytes(uint32_t field, absl::string_view bytes) {
  std::string out;
  wire::AppendBytes(out, wire::Tag(field, wire::kBytes), bytes);
  return out;
}

// A field that claims to have more than follows.
std::string Claiming(uint32_t field, uint64_t length, absl::string_view bytes) {
  std::string out;
  wire::AppendVarint(out, wire::Tag(field, wire::kBytes));
  wire::AppendVarint(out, length);
  return out.append(bytes.data(), bytes.size());
}

std::string Group(absl::string_view fields) { return absl::StrCat("\x7b", fields, "\x7c"); }  // of number 15

std::string GroupsWithin(int levels) { return levels == 0 ? "" : Group(GroupsWithin(levels - 1)); }

// A request in pieces of one size. ArrayInputStream ends the process, as gRPC's reader does, where it is
// given back more than the last piece had.
struct Pieces {
  Pieces(const std::string& request, int piece)
      : bytes(request.data(), static_cast<int>(request.size()), piece), checked(bytes, request.size()) {}
  ArrayInputStream bytes;
  CheckedStream checked;
};

// How much of the request a reader gets.
std::size_t Readable(const std::string& request, int piece) {
  Pieces pieces(request, piece);
  std::size_t readable = 0;
  const void* data = nullptr;
  for (int size = 0; pieces.checked.Next(&data, &size);) readable += static_cast<std::size_t>(size);
  return readable;
}

bool Parses(const std::string& request, int piece) {
  Pieces pieces(request, piece);
  fn::lazy::RunFunctionRequest parsed;
  return parsed.ParseFromBoundedZeroCopyStream(&pieces.checked, static_cast<int>(request.size()));
}

struct Case {
  const char* name;
  std::string request;
};

const std::string kResource = Bytes(1, "0123456789") + Bytes(2, Bytes(1, "key") + Bytes(2, "value"));
const std::string kEntry = Bytes(1, "name") + Bytes(2, kResource);
const std::string kResources = Bytes(1, kResource) + Bytes(1, kResource);

TEST_CASE("What may be a request is read to its end", "[codec]") {
  const Case cases[] = {
      {"nothing", ""},
      {"an empty message", Bytes(2, "")},
      {"messages that end together", Bytes(2, Bytes(2, kEntry))},
      {"observed and desired", Bytes(2, Bytes(1, kResource) + Bytes(2, kEntry)) + Bytes(3, Bytes(2, kEntry))},
      {"both kinds of resources",
       Bytes(6, Bytes(1, "a") + Bytes(2, kResources)) + Bytes(8, Bytes(2, kResources))},
      {"credentials", Bytes(7, Bytes(1, "a") + Bytes(2, Bytes(1, Bytes(1, Bytes(2, "secret")))))},
      {"a schema", Bytes(9, Bytes(1, "a") + Bytes(2, Bytes(1, "b")))},
      {"fields that nobody knows, of all types", std::string("\x50\xff\x01\x55") + "1234" + "\x51" +
                                                     "12345678" + Bytes(10, "text") + Bytes(2, "\x20\x01")},
      {"a message of a known number, but another type", std::string("\x10\x7f\x18\x7f")},
      {"groups", Group(Bytes(2, "no message here") + Group("")) + Bytes(2, Group(Bytes(1, "x")))},
      {"as many groups within each other as Protobuf takes", GroupsWithin(100)},
      {"a size that is longer than it need be", std::string("\x12\x82\x80\x00\x0a\x00", 6)},
      {"a tag of 33 bits, of which Protobuf takes 32", std::string("\x92\x80\x80\x80\x70\x00", 6)},
  };
  for (const Case& c : cases) {
    for (int piece = 1; piece <= static_cast<int>(c.request.size()) + 1; ++piece) {
      INFO(c.name << " in pieces of " << piece);
      CHECK(Readable(c.request, piece) == c.request.size());
      CHECK(Parses(c.request, piece));
    }
  }
}

TEST_CASE("What cannot be a request is not read beyond the piece that shows it", "[codec]") {
  const Case cases[] = {
      {"a message that claims more than there is", Claiming(2, 1000, kEntry)},
      {"an entry that claims more than its message has",
       Bytes(2, Claiming(2, 1000, kEntry)) + Bytes(3, kEntry)},
      {"by one byte", Bytes(2, Claiming(2, kEntry.size() + 1, kEntry)) + Bytes(3, "")},
      {"a resource in an entry", Bytes(2, Bytes(2, Claiming(2, 1000, kResource)))},
      {"the composite", Bytes(2, Claiming(1, 1000, kResource))},
      {"a Struct", Bytes(2, Bytes(1, Claiming(1, 1000, "x")))},
      {"connection details", Bytes(2, Bytes(1, Claiming(2, 1000, "x")))},
      {"required resources", Bytes(8, Bytes(2, Claiming(1, 1000, kResource)))},
      {"extra resources", Bytes(6, Bytes(2, Claiming(1, 1000, kResource)))},
      {"credentials' data", Bytes(7, Bytes(2, Bytes(1, Claiming(1, 1000, "x"))))},
      {"a schema", Bytes(9, Claiming(2, 1000, "x"))},
      {"4 GB", Bytes(2, Claiming(2, UINT64_MAX, kEntry))},
      {"a field that nobody knows", Bytes(2, Claiming(9, 1000, "x"))},
      {"a number that its message ends in", Bytes(2, "\x18\xff") + "\x01"},
      {"a tag that its message ends in", Bytes(2, "\xf8") + "\x01\x01"},
      {"a fixed64 that its message ends in", Bytes(2, "\x19\x01\x02") + "\x01\x01\x01\x01\x01\x01"},
      {"a number without end", std::string("\x50") + std::string(20, '\xff')},
      {"field 0", std::string("\x02\x00", 2)},
      {"a field 0 before a last piece that is shorter than what Protobuf gives back",
       "\x50\x01\x50\x01\x50\x01\x50\x01" + std::string(16, '\0')},
      {"a type that there is not", "\x57"},
      {"the end of a group that did not begin", "\x7c"},
      {"a group that does not end in its message", Bytes(2, "\x7b") + "\x7c"},
      {"more groups within each other than Protobuf takes", GroupsWithin(101)},
  };
  for (const Case& c : cases) {
    for (int piece = 1; piece <= static_cast<int>(c.request.size()); ++piece) {
      INFO(c.name << " in pieces of " << piece);
      CHECK(Readable(c.request, piece) < c.request.size());
      CHECK_FALSE(Parses(c.request, piece));
    }
    fn::lazy::RunFunctionRequest request;
    CHECK_FALSE(request.ParseFromString(c.request));
  }
}

// A request of `count` empty messages and as many bytes of something else as make it `size` long.
std::string EmptyMessages(uint64_t count, std::size_t size) {
  std::string request = Bytes(10, std::string(size - 2 * count - 4, 'x'));
  for (uint64_t i = 0; i < count; ++i) request += Bytes(1, "");
  REQUIRE(request.size() == size);
  return request;
}

TEST_CASE("A request has no more fields than its size allows", "[codec]") {
  constexpr std::size_t kSize = 100000;
  CHECK(Parses(EmptyMessages(MaxFields(kSize) - 1, kSize), 1000));
  CHECK_FALSE(Parses(EmptyMessages(MaxFields(kSize), kSize), 1000));
}

TEST_CASE("It says why it ended, and does not go on", "[codec]") {
  const auto why = [](const std::string& request) {
    Pieces pieces(request, 16);
    const void* data = nullptr;
    for (int size = 0; pieces.checked.Next(&data, &size);) continue;
    int size = 0;
    CHECK_FALSE(pieces.checked.Next(&data, &size));
    return std::string(pieces.checked.status().message());
  };
  CHECK(why(Bytes(2, Claiming(2, 1000, kEntry)) + Bytes(3, kEntry)) ==
        "byte 5: no field that fits into its message");
  CHECK(why(EmptyMessages(20000, 100000)) == "more than 10346 fields in 100000 bytes");
  CHECK(why(Bytes(2, Bytes(2, kEntry))) == "");
}

TEST_CASE("What was backed up is not looked at again", "[codec]") {
  const std::string request = Bytes(2, Bytes(2, kEntry)) + Bytes(3, Bytes(1, kResource));
  for (int back = 0; back <= 7; ++back) {
    Pieces pieces(request, 7);
    CheckedStream& checked = pieces.checked;
    const void* data = nullptr;
    int size = 0;
    REQUIRE(checked.Next(&data, &size));
    checked.BackUp(back);
    CHECK(checked.ByteCount() == 7 - back);
    REQUIRE(checked.Skip(10));
    CHECK(checked.ByteCount() == 17 - back);
    while (checked.Next(&data, &size)) continue;
    CHECK(checked.ByteCount() == static_cast<int64_t>(request.size()));
    CHECK_FALSE(checked.Skip(1));
  }
}

}  // namespace
}  // namespace codec
