#include "function/codec/struct_json.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/codec/wire.h"

namespace codec {
namespace {

using base::Json;

constexpr int kMaxDepth = 100;

// Writes an object in two passes: the first notes the size of every nested message in the order in which the
// second one needs it, so that the room is made once and nothing is written twice.
class Writer {
 public:
  void Append(std::string& out, const Json::object_t& object) {
    const size_t before = out.size();
    out.resize(before + MeasureFields(object));
    at_ = out.data() + before;
    WriteFields(object);
  }

 private:
  size_t Reserve() {
    sizes_.push_back(0);
    return sizes_.size() - 1;
  }

  size_t MeasureFields(const Json::object_t& object) {
    size_t size = 0;
    for (const auto& [key, value] : object) size += wire::BytesFieldSize(MeasureEntry(key, value));
    return size;
  }

  size_t MeasureEntry(absl::string_view key, const Json& value) {
    const size_t slot = Reserve();
    const size_t value_size = MeasureValue(value);
    return sizes_[slot] = wire::BytesFieldSize(key.size()) + wire::BytesFieldSize(value_size);
  }

  size_t MeasureValue(const Json& value) {
    const size_t slot = Reserve();
    return sizes_[slot] = MeasureContent(value);
  }

  size_t MeasureContent(const Json& value) {
    switch (value.type()) {
      case Json::value_t::object: {
        const size_t slot = Reserve();
        const size_t size = MeasureFields(value.get_ref<const Json::object_t&>());
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

  void Byte(uint64_t byte) { *at_++ = static_cast<char>(byte); }

  void Header(uint32_t tag) {
    Byte(tag);
    at_ = wire::WriteVarint(at_, sizes_[next_++]);
  }

  void Bytes(uint32_t tag, absl::string_view bytes) {
    Byte(tag);
    at_ = wire::WriteVarint(at_, bytes.size());
    at_ = std::copy(bytes.begin(), bytes.end(), at_);
  }

  void WriteFields(const Json::object_t& object) {
    for (const auto& [key, value] : object) {
      Header(wire::kStructFields);
      Bytes(wire::kEntryKey, key);
      Header(wire::kEntryValue);
      WriteValue(value);
    }
  }

  void WriteValue(const Json& value) {
    switch (value.type()) {
      case Json::value_t::object:
        Header(wire::kStructValue);
        WriteFields(value.get_ref<const Json::object_t&>());
        break;
      case Json::value_t::array:
        Header(wire::kListValue);
        for (const Json& element : value) {
          Header(wire::kListValues);
          WriteValue(element);
        }
        break;
      case Json::value_t::string:
        Bytes(wire::kStringValue, value.get_ref<const std::string&>());
        break;
      case Json::value_t::number_integer:
      case Json::value_t::number_unsigned:
      case Json::value_t::number_float: {
        Byte(wire::kNumberValue);
        const double number = value.get<double>();
        uint64_t bits = 0;
        std::memcpy(&bits, &number, sizeof(bits));
        for (int i = 0; i < 8; ++i) Byte(bits >> 8 * i);
        break;
      }
      case Json::value_t::boolean:
        Byte(wire::kBoolValue);
        Byte(value.get<bool>() ? 1 : 0);
        break;
      default:
        Byte(wire::kNullValue);
        Byte(0);
        break;
    }
  }

  std::vector<size_t> sizes_;
  size_t next_ = 0;
  char* at_ = nullptr;
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

void AppendStruct(std::string& out, const base::Json& object) {
  Writer().Append(out, object.get_ref<const Json::object_t&>());
}

std::string EncodeStruct(const base::Json& object) {
  std::string out;
  AppendStruct(out, object);
  return out;
}

absl::StatusOr<base::Json> DecodeStruct(absl::string_view wire, absl::string_view except) {
  return DecodeObject(StructView(wire), 0, except);
}

}  // namespace codec
