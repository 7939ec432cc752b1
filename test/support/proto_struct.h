// JSON ↔ google.protobuf.Struct through Protobuf's own classes: the oracle for function/codec, and how tests
// make requests without the code that they test.
#ifndef TEST_SUPPORT_PROTO_STRUCT_H_
#define TEST_SUPPORT_PROTO_STRUCT_H_

#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>

#include <string>

#include "function/base/json.h"

namespace test_support {

google::protobuf::Struct ToStruct(const base::Json& object);
google::protobuf::Value ToValue(const base::Json& value);

// Integral numbers become integers, as in codec::DecodeStruct.
base::Json FromStruct(const google::protobuf::Struct& object);
base::Json FromValue(const google::protobuf::Value& value);

// The bytes of a message with the entries of its maps in order.
std::string SerializeInOrder(const google::protobuf::Message& message);

}  // namespace test_support

#endif  // TEST_SUPPORT_PROTO_STRUCT_H_
