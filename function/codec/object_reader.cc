#include "function/codec/object_reader.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/base/time.h"
#include "function/base/utf8.h"

namespace codec {
namespace {

constexpr size_t kMaxToldErrors = 10;
constexpr size_t kMaxFields = 256;  // of one object, far more than any has: fields are looked up one by one

absl::string_view KindName(ValueView::Kind kind) {
  switch (kind) {
    case ValueView::Kind::kNull:
      return "null";
    case ValueView::Kind::kNumber:
      return "a number";
    case ValueView::Kind::kString:
      return "a string";
    case ValueView::Kind::kBool:
      return "a boolean";
    case ValueView::Kind::kStruct:
      return "an object";
    case ValueView::Kind::kList:
      return "a list";
  }
  return "";
}

// A name goes into signed texts and into lists of names: one line, with nothing invisible at either end.
constexpr absl::string_view kLineRule =
    "must be one line without control characters and with no blank at either end";

bool IsLine(absl::string_view text) {
  return !absl::StartsWith(text, " ") && !absl::EndsWith(text, " ") &&
         std::none_of(text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(c); });
}

// StrCat rounds a double to six digits.
std::string Spell(double number) {
  constexpr double kMaxSpelled = 1e15;
  if (std::trunc(number) == number && std::abs(number) < kMaxSpelled)
    return absl::StrCat(static_cast<int64_t>(number));
  return absl::StrCat(number);
}

std::string OnOneLine(absl::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return absl::ascii_iscntrl(c); }, ' ');
  return line;
}

// Free text of others in our messages: bounded.
std::string Quote(absl::string_view text) {
  constexpr size_t kMaxQuoted = 64;
  std::string quoted = absl::StrCat("\"", text.substr(0, kMaxQuoted));
  if (text.size() > kMaxQuoted) {
    while (!base::IsUtf8(quoted)) quoted.pop_back();
    quoted += "…";
  }
  return quoted + "\"";
}

}  // namespace

std::string FieldPath::ToString() const {
  const std::string prefix = parent == nullptr ? "" : parent->ToString();
  if (index >= 0) return absl::StrCat(prefix, "[", index, "]");
  return prefix.empty() ? std::string(key) : absl::StrCat(prefix, ".", key);
}

void FieldErrors::Add(const FieldPath& path, absl::string_view message) {
  errors_.push_back(OnOneLine(absl::StrCat(path.ToString(), ": ", message)));
}

absl::Status FieldErrors::ToStatus() const {
  if (errors_.empty()) return absl::OkStatus();
  const size_t told = std::min(errors_.size(), kMaxToldErrors);
  std::string text = absl::StrJoin(absl::MakeConstSpan(errors_).first(told), "; ");
  if (errors_.size() > told) absl::StrAppend(&text, "; and ", errors_.size() - told, " more");
  return absl::InvalidArgumentError(text);
}

ObjectReader::ObjectReader(const StructView& object, FieldPath path, FieldErrors& errors)
    : path_(path), errors_(errors) {
  bool well_formed = false;
  const StructView::Fields fields = object.All(&well_formed);
  if (!well_formed) errors_.Add(path_, "is not a google.protobuf.Struct");
  if (fields.size() > kMaxFields) {
    errors_.Add(path_,
                absl::StrCat("has ", fields.size(), " fields, and no object has more than ", kMaxFields));
    return;
  }
  for (const StructView::Field& field : fields) {
    if (Slot* slot = Find(field.key)) {
      slot->value = field.value;
    } else {
      slots_.push_back({field.key, field.value});
    }
  }
}

ObjectReader::Slot* ObjectReader::Find(absl::string_view key) {
  for (Slot& slot : slots_) {
    if (slot.key == key) return &slot;
  }
  return nullptr;
}

bool ObjectReader::Has(absl::string_view key) const {
  for (const Slot& slot : slots_) {
    if (slot.key == key) return slot.value.kind() != ValueView::Kind::kNull;
  }
  return false;
}

void ObjectReader::Require(absl::string_view key) {
  if (!Has(key)) Error(key, "is required");
}

void ObjectReader::Error(absl::string_view key, absl::string_view message) {
  errors_.Add(Child(key), message);
}

const ValueView* ObjectReader::Take(absl::string_view key, ValueView::Kind kind,
                                    absl::string_view kind_name) {
  Slot* slot = Find(key);
  if (slot == nullptr) return nullptr;
  slot->used = true;
  const ValueView::Kind found = slot->value.kind();
  if (found == ValueView::Kind::kNull) return nullptr;
  if (found != kind) {
    Error(key, absl::StrCat("must be ", kind_name, ", but is ", KindName(found)));
    return nullptr;
  }
  return &slot->value;
}

std::optional<std::string> ObjectReader::Text(absl::string_view key, size_t max_size) {
  const ValueView* value = Take(key, ValueView::Kind::kString, "a string");
  if (value == nullptr) return std::nullopt;
  const absl::string_view text = value->AsString();
  if (base::Characters(text) > max_size) {
    Error(key, absl::StrCat("must have at most ", max_size, " characters, but has ", base::Characters(text)));
    return std::nullopt;
  }
  if (!base::IsUtf8(text)) {
    Error(key, "must be UTF-8");
    return std::nullopt;
  }
  return std::string(text);
}

std::string ObjectReader::String(absl::string_view key, size_t max_size, absl::string_view default_value) {
  return Text(key, max_size).value_or(std::string(default_value));
}

std::string ObjectReader::Line(absl::string_view key, size_t max_size, absl::string_view default_value) {
  std::optional<std::string> text = Text(key, max_size);
  if (!text) return std::string(default_value);
  if (text->empty()) {
    Error(key, "must not be empty");
  } else if (!IsLine(*text)) {
    Error(key, kLineRule);
  }
  return *std::move(text);
}

std::string ObjectReader::OptionalLine(absl::string_view key, size_t max_size) {
  std::string text = String(key, max_size);
  if (!text.empty() && !IsLine(text)) Error(key, kLineRule);
  return text;
}

int ObjectReader::Integer(absl::string_view key, int min, int max, int default_value) {
  const ValueView* value = Take(key, ValueView::Kind::kNumber, "an integer");
  if (value == nullptr) return default_value;
  const double number = value->AsNumber();
  if (std::trunc(number) != number || !(number >= min && number <= max)) {
    Error(key, absl::StrCat("must be an integer from ", min, " to ", max, ", but is ", Spell(number)));
    return default_value;
  }
  return static_cast<int>(number);
}

bool ObjectReader::Bool(absl::string_view key, bool default_value) {
  const ValueView* value = Take(key, ValueView::Kind::kBool, "true or false");
  return value == nullptr ? default_value : value->AsBool();
}

std::optional<absl::Time> ObjectReader::Time(absl::string_view key) {
  const std::optional<std::string> text = Text(key, 64);
  if (!text) return std::nullopt;
  absl::StatusOr<absl::Time> time = base::ParseTime(*text);
  if (!time.ok()) {
    Error(key, time.status().message());
    return std::nullopt;
  }
  return *time;
}

size_t ObjectReader::OneOf(absl::string_view key, absl::Span<const absl::string_view> names,
                           size_t default_index) {
  const std::optional<std::string> text = Text(key, kMaxText);
  if (!text) return default_index;
  for (size_t i = 0; i < names.size(); ++i) {
    if (*text == names[i]) return i;
  }
  Error(key, absl::StrCat("must be ", names.size() > 1 ? "one of " : "", absl::StrJoin(names, ", "),
                          ", but is ", Quote(*text)));
  return default_index;
}

void ObjectReader::Object(absl::string_view key, absl::FunctionRef<void(ObjectReader&)> read) {
  const ValueView* value = Take(key, ValueView::Kind::kStruct, "an object");
  if (value == nullptr) return;
  ObjectReader reader(value->AsStruct(), Child(key), errors_);
  read(reader);
}

void ObjectReader::ObjectList(absl::string_view key, absl::FunctionRef<void(ObjectReader&)> read) {
  const ValueView* value = Take(key, ValueView::Kind::kList, "a list");
  if (value == nullptr) return;
  const std::vector<ValueView> list = value->AsList();
  if (list.size() > kMaxItems) {
    Error(key, absl::StrCat("must have at most ", kMaxItems, " items, but has ", list.size()));
    return;
  }
  const FieldPath child = Child(key);
  for (size_t i = 0; i < list.size(); ++i) {
    const FieldPath element{&child, "", static_cast<int>(i)};
    if (list[i].kind() != ValueView::Kind::kStruct) {
      errors_.Add(element, absl::StrCat("must be an object, but is ", KindName(list[i].kind())));
      continue;
    }
    ObjectReader reader(list[i].AsStruct(), element, errors_);
    read(reader);
  }
}

void ObjectReader::StringMap(absl::string_view key,
                             absl::FunctionRef<void(absl::string_view, absl::string_view)> read) {
  Object(key, [&](ObjectReader& map) {
    if (map.slots_.size() > kMaxItems) {
      Error(key, absl::StrCat("must have at most ", kMaxItems, " entries, but has ", map.slots_.size()));
      map.IgnoreIf([](absl::string_view) { return true; });
      return;
    }
    for (Slot& slot : map.slots_) {
      if (const std::optional<std::string> text = map.Text(slot.key, kMaxText)) read(slot.key, *text);
    }
  });
}

std::vector<std::string> ObjectReader::StringSet(absl::string_view key, size_t max_items, size_t max_size) {
  std::vector<std::string> set;
  const ValueView* value = Take(key, ValueView::Kind::kList, "a list");
  if (value == nullptr) return set;
  const std::vector<ValueView> list = value->AsList();
  if (list.size() > max_items) {
    Error(key, absl::StrCat("must have at most ", max_items, " items, but has ", list.size()));
    return set;
  }
  const FieldPath child = Child(key);
  for (size_t i = 0; i < list.size(); ++i) {
    const FieldPath element{&child, "", static_cast<int>(i)};
    const absl::string_view text = list[i].AsString();
    if (!list[i].IsString()) {
      errors_.Add(element, absl::StrCat("must be a string, but is ", KindName(list[i].kind())));
    } else if (text.empty() || base::Characters(text) > max_size) {
      errors_.Add(element,
                  absl::StrCat("must have 1 to ", max_size, " characters, but has ", base::Characters(text)));
    } else if (!base::IsUtf8(text) || !IsLine(text)) {
      errors_.Add(element, kLineRule);
    } else if (std::find(set.begin(), set.end(), text) != set.end()) {
      errors_.Add(element, absl::StrCat(Quote(text), " is there twice: name it once"));
    } else {
      set.emplace_back(text);
    }
  }
  return set;
}

void ObjectReader::IgnoreIf(absl::FunctionRef<bool(absl::string_view)> known) {
  for (Slot& slot : slots_) slot.used = slot.used || known(slot.key);
}

void ObjectReader::Finish() {
  if (finished_) return;
  finished_ = true;
  std::vector<absl::string_view> unknown;
  for (const Slot& slot : slots_) {
    if (!slot.used) unknown.push_back(slot.key);
  }
  // Crossplane sends an object's fields in another order every time; the message must not change with it.
  std::sort(unknown.begin(), unknown.end());
  for (absl::string_view key : unknown) {
    errors_.Add(path_, absl::StrCat("has no field ", Quote(key), ": remove it or correct its name"));
  }
}

}  // namespace codec
