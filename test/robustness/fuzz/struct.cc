// google.protobuf.Struct as function/codec reads it, against Protobuf's own reading.
#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <string>

#include "function/codec/struct_json.h"
#include "function/codec/struct_view.h"
#include "test/robustness/fuzz/fuzz.h"
#include "test/support/proto_struct.h"

namespace {

using base::Json;

// As text, in which a NaN equals itself.
std::string Text(const Json& value) { return base::CanonicalJson(value); }

// Each field alone, without decoding the rest.
void CheckFind(const codec::StructView& view, const Json& decoded) {
  for (const auto& [key, value] : decoded.items()) {
    const std::optional<codec::ValueView> found = view.Find(key);
    fuzz::Check(found.has_value() == !value.is_null(), "Find and DecodeStruct agree on what is there");
    if (value.is_string()) {
      fuzz::Check(view.String({key}) == value.get<std::string>(), "Find and DecodeStruct read the same text");
    }
  }
  fuzz::Check(!view.Find("no such key").has_value() || decoded.contains("no such key"),
              "what is not there is not found");
}

void CheckRoundTrip(const Json& decoded) {
  const std::string encoded = codec::EncodeStruct(decoded);
  const absl::StatusOr<Json> again = codec::DecodeStruct(encoded);
  fuzz::Check(again.ok() && Text(*again) == Text(decoded), "decode(encode(x)) == x");
  google::protobuf::Struct parsed;
  const bool ok = parsed.ParseFromString(encoded);
  // Text that is not UTF-8 is no Protobuf string, and Crossplane sends none.
  if (ok)
    fuzz::Check(Text(test_support::FromStruct(parsed)) == Text(decoded), "Protobuf reads what we encode");
}

bool IsPermutation(std::string a, std::string b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

// Where nothing of the input is lost in Protobuf's own spelling of it (a member of a oneof that is there
// twice, an unknown field), both have to read the same.
void CheckAgainstProtobuf(absl::string_view bytes) {
  google::protobuf::Struct parsed;
  if (!parsed.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  parsed.DiscardUnknownFields();  // it would write groups, too, which are not in proto3
  const std::string spelled = test_support::SerializeInOrder(parsed);
  const absl::StatusOr<Json> ours = codec::DecodeStruct(spelled);
  if (ours.ok()) {
    fuzz::Check(Text(*ours) == Text(test_support::FromStruct(parsed)), "we read what Protobuf writes");
  } else {
    fuzz::Check(ours.status().message() == "nested deeper than 100 levels", "only depth is refused");
  }
  const absl::StatusOr<Json> direct = codec::DecodeStruct(bytes);
  if (ours.ok() && IsPermutation(spelled, std::string(bytes))) {
    fuzz::Check(direct.ok() && Text(*direct) == Text(*ours), "the order of fields does not matter");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = fuzz::View(data, size);
  const fuzz::MemoryMeter meter;
  const absl::StatusOr<Json> decoded = codec::DecodeStruct(bytes);
  fuzz::CheckProportion(meter, size);
  if (decoded.ok()) {
    CheckFind(codec::StructView(bytes), *decoded);
    CheckRoundTrip(*decoded);
  } else {
    // Readers of single fields do not look at the rest.
    codec::StructView(bytes).Find({"metadata", "name"});
  }
  CheckAgainstProtobuf(bytes);
  return 0;
}
