#include "function/codec/struct_view.h"

#include <cmath>

#include "function/codec/wire.h"

namespace codec {

ValueView::ValueView(absl::string_view wire_bytes) {
  const char* const end = wire_bytes.data() + wire_bytes.size();
  absl::string_view text;
  const char* const after = wire::AfterShortField(wire_bytes.data(), end, wire::kStringValue, text);
  if (after != nullptr && after == end) {  // as most are
    kind_ = Kind::kString;
    payload_ = text;
    return;
  }
  wire::Reader reader(wire_bytes);
  for (wire::Reader::Field field; reader.Next(field);) {
    switch (field.tag) {
      case wire::kNullValue:
        kind_ = Kind::kNull;
        break;
      case wire::kNumberValue:
        kind_ = Kind::kNumber;
        std::memcpy(&number_, &field.number, sizeof(number_));
        break;
      case wire::kStringValue:
        kind_ = Kind::kString;
        payload_ = field.bytes;
        break;
      case wire::kBoolValue:
        kind_ = Kind::kBool;
        bool_ = field.number != 0;
        break;
      case wire::kStructValue:
        kind_ = Kind::kStruct;
        payload_ = field.bytes;
        break;
      case wire::kListValue:
        kind_ = Kind::kList;
        payload_ = field.bytes;
        break;
      default:
        break;
    }
  }
  well_formed_ = !reader.failed();
}

std::optional<int64_t> ValueView::AsInteger() const {
  constexpr double kMaxExactInteger = 9007199254740992.0;  // 2^53
  if (kind_ != Kind::kNumber || std::trunc(number_) != number_ || std::abs(number_) > kMaxExactInteger)
    return std::nullopt;
  return static_cast<int64_t>(number_);
}

StructView ValueView::AsStruct() const {
  return StructView(kind_ == Kind::kStruct ? payload_ : absl::string_view());
}

std::vector<ValueView> ValueView::AsList() const {
  std::vector<ValueView> list;
  if (kind_ != Kind::kList) return list;
  wire::Reader reader(payload_);
  for (wire::Reader::Field field; reader.Next(field);) {
    if (field.tag == wire::kListValues) list.emplace_back(field.bytes);
  }
  return list;
}

namespace {

struct Entry {
  absl::string_view key;
  absl::string_view value;
};

// What follows the field at `at`, where that is an entry as Protobuf writes it: the key and the value, once
// each and in this order. nullptr: it may be one as well.
const char* AfterUsualEntry(const char* at, const char* end, Entry& entry) {
  absl::string_view field;
  const char* const after = wire::AfterShortField(at, end, wire::kStructFields, field);
  if (after == nullptr) return nullptr;
  const char* const value = wire::AfterShortField(field.data(), after, wire::kEntryKey, entry.key);
  if (value == nullptr) return nullptr;
  return wire::AfterShortField(value, after, wire::kEntryValue, entry.value) == after ? after : nullptr;
}

// An entry however it is spelled.
bool ReadEntry(absl::string_view bytes, Entry& entry) {
  wire::Reader reader(bytes);
  for (wire::Reader::Field part; reader.Next(part);) {
    if (part.tag == wire::kEntryKey) entry.key = part.bytes;
    if (part.tag == wire::kEntryValue) entry.value = part.bytes;
  }
  return !reader.failed();
}

// Calls `visit(key, value bytes)` for each entry; false where the bytes are no Struct.
template <typename Visit>
bool ForEachEntry(absl::string_view bytes, Visit visit) {
  const char* at = bytes.data();
  for (const char* const end = at + bytes.size(); at != end;) {
    Entry entry;
    if (const char* const after = AfterUsualEntry(at, end, entry)) {
      at = after;
    } else {
      wire::Reader reader(absl::string_view(at, static_cast<size_t>(end - at)));
      wire::Reader::Field field;
      if (!reader.Next(field)) return false;
      at = reader.position();
      if (field.tag != wire::kStructFields) continue;
      entry = {};
      if (!ReadEntry(field.bytes, entry)) return false;
    }
    visit(entry.key, entry.value);
  }
  return true;
}

}  // namespace

std::optional<ValueView> StructView::Find(absl::string_view key) const {
  std::optional<absl::string_view> found;
  ForEachEntry(wire_, [&](absl::string_view candidate, absl::string_view value) {
    if (candidate == key) found = value;
  });
  if (!found) return std::nullopt;
  ValueView value(*found);
  if (value.kind() == ValueView::Kind::kNull) return std::nullopt;
  return value;
}

std::optional<ValueView> StructView::Find(std::initializer_list<absl::string_view> path) const {
  StructView view = *this;
  std::optional<ValueView> value;
  for (absl::string_view key : path) {
    value = view.Find(key);
    if (!value) return std::nullopt;
    view = value->AsStruct();
  }
  return value;
}

absl::string_view StructView::String(std::initializer_list<absl::string_view> path) const {
  const std::optional<ValueView> value = Find(path);
  return value ? value->AsString() : absl::string_view();
}

StructView::Fields StructView::All(bool* well_formed) const {
  Fields fields;
  const bool is_whole = ForEachEntry(wire_, [&](absl::string_view key, absl::string_view value) {
    fields.push_back({key, ValueView(value)});
  });
  if (well_formed != nullptr) *well_formed = is_whole;
  return fields;
}

std::vector<StructView::RawEntry> StructView::RawEntries() const {
  std::vector<RawEntry> entries;
  ForEachEntry(wire_, [&](absl::string_view key, absl::string_view value) {
    entries.push_back({key, value});
  });
  return entries;
}

bool StructView::well_formed() const {
  return ForEachEntry(wire_, [](absl::string_view, absl::string_view) {});
}

}  // namespace codec
