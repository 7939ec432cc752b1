#include "test/support/proto_struct.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cmath>

namespace test_support {

using base::Json;
using google::protobuf::Struct;
using google::protobuf::Value;

Struct ToStruct(const Json& object) {
  Struct result;
  for (const auto& [key, value] : object.get_ref<const Json::object_t&>()) {
    (*result.mutable_fields())[key] = ToValue(value);
  }
  return result;
}

Value ToValue(const Json& value) {
  Value result;
  if (value.is_object()) {
    *result.mutable_struct_value() = ToStruct(value);
  } else if (value.is_array()) {
    result.mutable_list_value();
    for (const Json& element : value) *result.mutable_list_value()->add_values() = ToValue(element);
  } else if (value.is_string()) {
    result.set_string_value(value.get<std::string>());
  } else if (value.is_number()) {
    result.set_number_value(value.get<double>());
  } else if (value.is_boolean()) {
    result.set_bool_value(value.get<bool>());
  } else {
    result.set_null_value(google::protobuf::NULL_VALUE);
  }
  return result;
}

Json FromStruct(const Struct& object) {
  Json result = Json::object();
  for (const auto& [key, value] : object.fields()) result[key] = FromValue(value);
  return result;
}

Json FromValue(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNumberValue: {
      const double number = value.number_value();
      const bool integral = std::trunc(number) == number && std::abs(number) <= 9007199254740992.0;
      return integral ? Json(static_cast<int64_t>(number)) : Json(number);
    }
    case Value::kStringValue:
      return value.string_value();
    case Value::kBoolValue:
      return value.bool_value();
    case Value::kStructValue:
      return FromStruct(value.struct_value());
    case Value::kListValue: {
      Json list = Json::array();
      for (const Value& element : value.list_value().values()) list.push_back(FromValue(element));
      return list;
    }
    default:
      return Json();
  }
}

std::string SerializeInOrder(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream output(&bytes);
    google::protobuf::io::CodedOutputStream coded(&output);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace test_support
