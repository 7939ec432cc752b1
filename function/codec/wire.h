// The few pieces of the Protobuf wire format that reading and writing a google.protobuf.Struct takes
// (protobuf.dev, "Encoding").
#ifndef FUNCTION_CODEC_WIRE_H_
#define FUNCTION_CODEC_WIRE_H_

#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"

namespace codec::wire {

// Groups are not in proto3, where one is a field that nobody knows.
enum Type : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kStartGroup = 3, kEndGroup = 4, kFixed32 = 5 };

constexpr uint32_t Tag(uint32_t field, Type type) { return field << 3 | type; }

// google.protobuf.Struct, its map entries, Value and ListValue.
inline constexpr uint32_t kStructFields = Tag(1, kBytes);
inline constexpr uint32_t kEntryKey = Tag(1, kBytes);
inline constexpr uint32_t kEntryValue = Tag(2, kBytes);
inline constexpr uint32_t kNullValue = Tag(1, kVarint);
inline constexpr uint32_t kNumberValue = Tag(2, kFixed64);
inline constexpr uint32_t kStringValue = Tag(3, kBytes);
inline constexpr uint32_t kBoolValue = Tag(4, kVarint);
inline constexpr uint32_t kStructValue = Tag(5, kBytes);
inline constexpr uint32_t kListValue = Tag(6, kBytes);
inline constexpr uint32_t kListValues = Tag(1, kBytes);

// Reads field after field. Stops at the end, or at the first byte that can't be a field.
class Reader {
 public:
  struct Field {
    uint32_t tag = 0;
    uint64_t number = 0;      // varint, fixed64, fixed32
    absl::string_view bytes;  // length-delimited
  };

  explicit Reader(absl::string_view wire) : position_(wire.data()), end_(wire.data() + wire.size()) {}

  bool Next(Field& field) {
    uint64_t tag = 0;
    if (position_ == end_) return false;
    if (!Varint(tag) || tag > UINT32_MAX || tag >> 3 == 0) return Fail();
    field.tag = static_cast<uint32_t>(tag);
    switch (tag & 7) {
      case kVarint:
        return Varint(field.number) || Fail();
      case kFixed64:
        return Fixed(field.number, 8) || Fail();
      case kFixed32:
        return Fixed(field.number, 4) || Fail();
      case kBytes: {
        uint64_t size = 0;
        if (!Varint(size) || size > static_cast<uint64_t>(end_ - position_)) return Fail();
        field.bytes = absl::string_view(position_, size);
        position_ += size;
        return true;
      }
      default:
        return Fail();
    }
  }

  const char* position() const { return position_; }
  bool failed() const { return failed_; }

 private:
  bool Fail() {
    failed_ = true;
    position_ = end_;
    return false;
  }

  bool Varint(uint64_t& value) {
    if (position_ != end_ && static_cast<uint8_t>(*position_) < 0x80) {  // as nearly always
      value = static_cast<uint8_t>(*position_++);
      return true;
    }
    value = 0;
    for (int shift = 0; shift < 64 && position_ != end_; shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(*position_++);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool Fixed(uint64_t& value, size_t size) {
    if (static_cast<size_t>(end_ - position_) < size) return false;
    value = 0;
    for (size_t i = 0; i < size; ++i)
      value |= static_cast<uint64_t>(static_cast<uint8_t>(position_[i])) << 8 * i;
    position_ += size;
    return true;
  }

  const char* position_;
  const char* end_;
  bool failed_ = false;
};

// What follows the field `tag` at `at`, and its bytes, where tag and size are spelled as nearly always: the
// tag in one byte, the size in one or two. nullptr: it is for a Reader to say what is there.
inline const char* AfterShortField(const char* at, const char* end, uint32_t tag, absl::string_view& bytes) {
  if (end - at < 2 || static_cast<uint8_t>(at[0]) != tag) return nullptr;
  size_t size = static_cast<uint8_t>(at[1]);
  at += 2;
  if (size >= 0x80) {
    if (at == end || static_cast<uint8_t>(*at) >= 0x80) return nullptr;
    size = (size & 0x7f) | static_cast<size_t>(static_cast<uint8_t>(*at++)) << 7;
  }
  if (size > static_cast<size_t>(end - at)) return nullptr;
  bytes = absl::string_view(at, size);
  return at + size;
}

inline size_t VarintSize(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

inline constexpr size_t kMaxVarintSize = 10;

// What follows the varint that is written to `at`.
inline char* WriteVarint(char* at, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
  *at++ = static_cast<char>(value);
  return at;
}

inline void AppendVarint(std::string& out, uint64_t value) {
  char varint[kMaxVarintSize];
  out.append(varint, static_cast<size_t>(WriteVarint(varint, value) - varint));
}

inline void AppendBytes(std::string& out, uint32_t tag, absl::string_view bytes) {
  AppendVarint(out, tag);
  AppendVarint(out, bytes.size());
  out.append(bytes.data(), bytes.size());
}

// The size of a length-delimited field with a one-byte tag.
inline size_t BytesFieldSize(size_t size) { return 1 + VarintSize(size) + size; }

}  // namespace codec::wire

#endif  // FUNCTION_CODEC_WIRE_H_
