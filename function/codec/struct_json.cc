#include "function/codec/struct_json.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/codec/wire.h"

namespace codec {
namespace {

using base::Json;

constexpr int kMaxDepth = 100;

// Writes values in two passes: the first notes the size of every nested message in the order in which the
// second one needs it, so that nothing is written twice.
class Writer {
 public:
  size_t MeasureEntry(size_t key_size, const Json& value) {
    const size_t slot = Reserve();
    const size_t value_size = MeasureValue(value);
    return sizes_[slot] = wire::BytesFieldSize(key_size) + wire::BytesFieldSize(value_size);
  }

  void WriteEntry(std::string& out, absl::string_view key, const Json& value) {
    Header(out, wire::kStructFields);
    wire::AppendBytes(out, wire::kEntryKey, key);
    Header(out, wire::kEntryValue);
    WriteValue(out, value);
  }

 private:
  size_t Reserve() {
    sizes_.push_back(0);
    return sizes_.size() - 1;
  }

  void Header(std::string& out, uint32_t tag) {
    wire::AppendVarint(out, tag);
    wire::AppendVarint(out, sizes_[next_++]);
  }

  size_t MeasureValue(const Json& value) {
    const size_t slot = Reserve();
    return sizes_[slot] = MeasureContent(value);
  }

  size_t MeasureContent(const Json& value) {
    switch (value.type()) {
      case Json::value_t::object: {
        const size_t slot = Reserve();
        size_t size = 0;
        for (const auto& [key, field] : value.get_ref<const Json::object_t&>()) {
          size += wire::BytesFieldSize(MeasureEntry(key.size(), field));
        }
        return wire::BytesFieldSize(sizes_[slot] = size);
      }
      case Json::value_t::array: {
        const size_t slot = Reserve();
        size_t size = 0;
        for (const Json& element : value) size += wire::BytesFieldSize(MeasureValue(element));
        return wire::BytesFieldSize(sizes_[slot] = size);
      }
      case Json::value_t::string:
        return wire::BytesFieldSize(value.get_ref<const std::string&>().size());
      case Json::value_t::number_integer:
      case Json::value_t::number_unsigned:
      case Json::value_t::number_float:
        return 1 + sizeof(double);
      default:
        return 2;  // bool, null
    }
  }

  void WriteValue(std::string& out, const Json& value) {
    switch (value.type()) {
      case Json::value_t::object:
        Header(out, wire::kStructValue);
        for (const auto& [key, field] : value.get_ref<const Json::object_t&>()) WriteEntry(out, key, field);
        break;
      case Json::value_t::array:
        Header(out, wire::kListValue);
        for (const Json& element : value) {
          Header(out, wire::kListValues);
          WriteValue(out, element);
        }
        break;
      case Json::value_t::string:
        wire::AppendBytes(out, wire::kStringValue, value.get_ref<const std::string&>());
        break;
      case Json::value_t::number_integer:
      case Json::value_t::number_unsigned:
      case Json::value_t::number_float: {
        wire::AppendVarint(out, wire::kNumberValue);
        const double number = value.get<double>();
        uint64_t bits = 0;
        std::memcpy(&bits, &number, sizeof(bits));
        for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(bits >> 8 * i));
        break;
      }
      case Json::value_t::boolean:
        wire::AppendVarint(out, wire::kBoolValue);
        out.push_back(value.get<bool>() ? 1 : 0);
        break;
      default:
        wire::AppendVarint(out, wire::kNullValue);
        out.push_back(0);
        break;
    }
  }

  std::vector<size_t> sizes_;
  size_t next_ = 0;
};

absl::StatusOr<Json> DecodeObject(const StructView& view, int depth, absl::string_view except = "");

absl::StatusOr<Json> DecodeValue(const ValueView& value, int depth) {
  if (depth > kMaxDepth)
    return absl::InvalidArgumentError(absl::StrCat("nested deeper than ", kMaxDepth, " levels"));
  switch (value.kind()) {
    case ValueView::Kind::kNull:
      return Json();
    case ValueView::Kind::kNumber: {
      const std::optional<int64_t> integer = value.AsInteger();
      return integer ? Json(*integer) : Json(value.AsNumber());
    }
    case ValueView::Kind::kString:
      return Json(std::string(value.AsString()));
    case ValueView::Kind::kBool:
      return Json(value.AsBool());
    case ValueView::Kind::kStruct:
      return DecodeObject(value.AsStruct(), depth);
    case ValueView::Kind::kList: {
      Json list = Json::array();
      for (const ValueView& element : value.AsList()) {
        ASSIGN_OR_RETURN(Json decoded, DecodeValue(element, depth + 1));
        list.push_back(std::move(decoded));
      }
      return list;
    }
  }
  return Json();
}

absl::StatusOr<Json> DecodeObject(const StructView& view, int depth, absl::string_view except) {
  bool well_formed = false;
  const StructView::Fields fields = view.All(&well_formed);
  if (!well_formed) return absl::InvalidArgumentError("not a google.protobuf.Struct");
  Json object = Json::object();
  for (const StructView::Field& field : fields) {
    if (!except.empty() && field.key == except) continue;
    if (!field.value.well_formed()) return absl::InvalidArgumentError("not a google.protobuf.Value");
    ASSIGN_OR_RETURN(object[std::string(field.key)], DecodeValue(field.value, depth + 1));
  }
  return object;
}

}  // namespace

void AppendStructField(std::string& out, absl::string_view key, const base::Json& value) {
  Writer writer;
  writer.MeasureEntry(key.size(), value);
  writer.WriteEntry(out, key, value);
}

std::string EncodeStruct(const base::Json& object) {
  std::string out;
  for (const auto& [key, value] : object.get_ref<const Json::object_t&>()) AppendStructField(out, key, value);
  return out;
}

absl::StatusOr<base::Json> DecodeStruct(absl::string_view wire, absl::string_view except) {
  return DecodeObject(StructView(wire), 0, except);
}

}  // namespace codec
