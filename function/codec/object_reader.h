// Reads a typed model out of a Struct, strictly: every field that is wrong, missing or unknown becomes an
// error that leads with the field's path and says what is allowed. Reading goes on after an error, so that
// all are told at once.
#ifndef FUNCTION_CODEC_OBJECT_READER_H_
#define FUNCTION_CODEC_OBJECT_READER_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "function/codec/struct_view.h"
#include "function/release/artifact.h"
#include "function/release/gate.h"
#include "function/release/signature.h"

namespace codec {

// Limits of the API, the same as in the XRDs.
inline constexpr size_t kMaxItems = 50;
using release::kMaxArtifact;
using release::kMaxName;
inline constexpr size_t kMaxText = 1024;
inline constexpr size_t kMaxSignature = release::kMaxSignatureBytes;
inline constexpr size_t kMaxAllowedSigners = release::kMaxAllowedSignersBytes;

// Where in the document a reader is. Spelled out only when there is an error to tell.
struct FieldPath {
  const FieldPath* parent = nullptr;
  absl::string_view key;  // "spec"
  int index = -1;         // ≥ 0: an element of a list, and `key` is empty

  std::string ToString() const;
};

// The errors of one document, in the order in which they were found, each on one line whatever it quotes.
class FieldErrors {
 public:
  void Add(const FieldPath& path, absl::string_view message);
  bool empty() const { return errors_.empty(); }
  size_t size() const { return errors_.size(); }

  // "spec.tenant: …; spec.environments[1]: …": at most ten of them are spelled out.
  absl::Status ToStatus() const;

 private:
  std::vector<std::string> errors_;
};

// Reads one object. Finish() (or the destructor) reports the fields that nobody asked for.
class ObjectReader {
 public:
  ObjectReader(const StructView& object, FieldPath path, FieldErrors& errors);
  ~ObjectReader() { Finish(); }
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;

  bool Has(absl::string_view key) const;
  void Require(absl::string_view key);  // an error where it is missing
  void Error(absl::string_view key, absl::string_view message);

  // The text of a field; none where it is missing or wrong, which is an error then.
  std::optional<std::string> Text(absl::string_view key, size_t max_size);

  // Scalars: the default where the field is missing or wrong.
  std::string String(absl::string_view key, size_t max_size, absl::string_view default_value = "");
  // A name: one line, without blanks at either end, not empty where it is there. OptionalLine may be empty.
  std::string OptionalLine(absl::string_view key, size_t max_size);
  std::string Line(absl::string_view key, size_t max_size, absl::string_view default_value = "");
  int Integer(absl::string_view key, int min, int max, int default_value);
  bool Bool(absl::string_view key, bool default_value);
  std::optional<absl::Time> Time(absl::string_view key);
  // The index of the field's value in `names`.
  size_t OneOf(absl::string_view key, absl::Span<const absl::string_view> names, size_t default_index);

  // Nested. `read` is called with a reader of the nested object.
  void Object(absl::string_view key, absl::FunctionRef<void(ObjectReader&)> read);
  void ObjectList(absl::string_view key, absl::FunctionRef<void(ObjectReader&)> read);
  // Every entry of an object whose keys are free.
  void StringMap(absl::string_view key, absl::FunctionRef<void(absl::string_view, absl::string_view)> read);
  // A set of strings: each not empty and there once.
  std::vector<std::string> StringSet(absl::string_view key, size_t max_items, size_t max_size);

  // Fields that are there and none of our business.
  void IgnoreIf(absl::FunctionRef<bool(absl::string_view key)> known);

  void Finish();

  FieldErrors& errors() { return errors_; }
  const FieldPath& path() const { return path_; }

 private:
  struct Slot {
    absl::string_view key;
    ValueView value;
    bool used = false;
  };

  const ValueView* Take(absl::string_view key, ValueView::Kind kind, absl::string_view kind_name);
  Slot* Find(absl::string_view key);
  FieldPath Child(absl::string_view key) const { return FieldPath{&path_, key}; }

  FieldPath path_;
  FieldErrors& errors_;
  absl::InlinedVector<Slot, 16> slots_;
  bool finished_ = false;
};

}  // namespace codec

#endif  // FUNCTION_CODEC_OBJECT_READER_H_
