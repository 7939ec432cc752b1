#include "function/codec/struct_view.h"

#include "function/codec/wire.h"

namespace codec {

ValueView::ValueView(absl::string_view wire_bytes) {
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

// Calls `visit(key, value bytes)` for each entry; false where the bytes are no Struct.
template <typename Visit>
bool ForEachEntry(absl::string_view bytes, Visit visit) {
  wire::Reader reader(bytes);
  for (wire::Reader::Field field; reader.Next(field);) {
    if (field.tag != wire::kStructFields) continue;
    absl::string_view key, value;
    wire::Reader entry(field.bytes);
    for (wire::Reader::Field part; entry.Next(part);) {
      if (part.tag == wire::kEntryKey) key = part.bytes;
      if (part.tag == wire::kEntryValue) value = part.bytes;
    }
    if (entry.failed()) return false;
    visit(key, value);
  }
  return !reader.failed();
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

StructView::Fields StructView::All() const {
  Fields fields;
  ForEachEntry(wire_, [&](absl::string_view key, absl::string_view value) {
    fields.push_back({key, ValueView(value)});
  });
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
