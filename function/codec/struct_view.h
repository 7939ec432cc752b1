// A google.protobuf.Struct as it is on the wire, read without decoding more than what is asked for.
//
// Views point into the bytes that they were made of and must not outlive them. Where an element is repeated
// the last one counts, as in Protobuf. Bytes that are no Struct read as if they ended there; `well_formed`
// tells.
#ifndef FUNCTION_CODEC_STRUCT_VIEW_H_
#define FUNCTION_CODEC_STRUCT_VIEW_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"

namespace codec {

class StructView;

// A google.protobuf.Value.
class ValueView {
 public:
  enum class Kind { kNull, kNumber, kString, kBool, kStruct, kList };

  explicit ValueView(absl::string_view wire);

  Kind kind() const { return kind_; }
  bool well_formed() const { return well_formed_; }
  bool IsString() const { return kind_ == Kind::kString; }

  // Each only for its own kind; else empty, zero or false.
  absl::string_view AsString() const { return IsString() ? payload_ : absl::string_view(); }
  double AsNumber() const { return kind_ == Kind::kNumber ? number_ : 0; }
  // None where it is no integer, or one that a double does not hold exactly.
  std::optional<int64_t> AsInteger() const;
  bool AsBool() const { return kind_ == Kind::kBool && bool_; }
  StructView AsStruct() const;
  std::vector<ValueView> AsList() const;

 private:
  Kind kind_ = Kind::kNull;
  bool well_formed_ = true;
  bool bool_ = false;
  double number_ = 0;
  absl::string_view payload_;
};

class StructView {
 public:
  struct Field {
    absl::string_view key;
    ValueView value;
  };
  using Fields = absl::InlinedVector<Field, 16>;

  explicit StructView(absl::string_view wire = {}) : wire_(wire) {}

  // None where there is no such field or it is null.
  std::optional<ValueView> Find(absl::string_view key) const;

  // Find along a path of objects: Find({"metadata", "name"}).
  std::optional<ValueView> Find(std::initializer_list<absl::string_view> path) const;

  // The string at the path, or "" where there is none or it is something else.
  absl::string_view String(std::initializer_list<absl::string_view> path) const;

  // Every field, in the order of the wire; a key that stands twice is there twice. `well_formed`: as below.
  Fields All(bool* well_formed = nullptr) const;

  // Every entry as the bytes of its map entry, with its key: to copy a Struct but for some fields.
  struct RawEntry {
    absl::string_view key;
    absl::string_view value;  // the bytes of the google.protobuf.Value
  };
  std::vector<RawEntry> RawEntries() const;

  bool well_formed() const;
  absl::string_view wire() const { return wire_; }

 private:
  absl::string_view wire_;
};

}  // namespace codec

#endif  // FUNCTION_CODEC_STRUCT_VIEW_H_
