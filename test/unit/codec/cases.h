// Tables of specs: each case patches a valid object.
#ifndef TEST_UNIT_CODEC_CASES_H_
#define TEST_UNIT_CODEC_CASES_H_

#include <functional>
#include <string>
#include <vector>

#include "function/base/json.h"
#include "function/codec/struct_json.h"
#include "test/support/golden.h"

namespace codec {

// {"of": X, "times": N} stands for the text X N times, or for a list of N objects X in which % is the index.
inline base::Json Unfold(const base::Json& value, int index = -1);

inline base::Json UnfoldObject(const base::Json& object, int index) {
  if (object.contains("of") && object.contains("times")) {
    const base::Json& of = object["of"];
    const int times = object["times"];
    if (of.is_string()) {
      std::string text;
      for (int i = 0; i < times; ++i) text += of.get_ref<const std::string&>();
      return text;
    }
    base::Json list = base::Json::array();
    for (int i = 0; i < times; ++i) list.push_back(Unfold(of, i));
    return list;
  }
  base::Json result = base::Json::object();
  for (const auto& [key, value] : object.items()) result[key] = Unfold(value, index);
  return result;
}

inline base::Json Unfold(const base::Json& value, int index) {
  if (value.is_object()) return UnfoldObject(value, index);
  if (value.is_array()) {
    base::Json list = base::Json::array();
    for (const base::Json& element : value) list.push_back(Unfold(element, index));
    return list;
  }
  if (!value.is_string() || index < 0) return value;
  std::string text = value;
  const size_t place = text.find('%');
  if (place != std::string::npos) text.replace(place, 1, std::to_string(index));
  return text;
}

// A JSON Merge Patch (RFC 7396), and why.
struct PatchCase {
  std::string reason;
  std::string patch;
};

inline base::Json Patch(base::Json object, const std::string& patch) {
  object.merge_patch(Unfold(base::Json::parse(patch)));
  return object;
}

// The reason and the whole message of each case, as the golden file has them.
inline void CheckMessages(const std::string& golden, const std::vector<PatchCase>& cases,
                          const std::function<absl::Status(const std::string& patch)>& decode) {
  std::string text;
  for (const PatchCase& c : cases) {
    const absl::Status status = decode(c.patch);
    INFO(c.reason);
    CHECK_FALSE(status.ok());
    text += c.reason + "\n    " + std::string(status.message()) + "\n";
  }
  test_support::CheckGolden("test/unit/codec/testdata/" + golden, text);
}

}  // namespace codec

#endif  // TEST_UNIT_CODEC_CASES_H_
