// Writes seeds that are no text: what the lives in test/robustness/fuzz/seeds/life make of requests, Structs
// and exported audit trails.
//
// usage: fuzz_seeds FOLDER     (into FOLDER/request, FOLDER/struct, FOLDER/audit)
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "function/codec/struct_json.h"
#include "test/robustness/fuzz/crossplane.h"
#include "test/support/source_dir.h"

namespace {

using base::Json;

constexpr absl::Duration kStep = absl::Minutes(1);
const absl::Time kStart = absl::FromUnixSeconds(1767355200);

class Seeds {
 public:
  explicit Seeds(std::string folder) : folder_(std::move(folder)) {
    for (const char* target : {"request", "struct", "audit"}) {
      std::filesystem::create_directories(absl::StrCat(folder_, "/", target));
    }
  }

  // The requests and the objects of each step, with and without an audit key.
  void WriteLife(const std::string& name, const Json& life) {
    for (const char* key : {"", "key"}) {
      fuzz::Crossplane crossplane(life.at("objects"), life.value("input", Json()), key);
      absl::Time now = kStart;
      int number = 0;
      for (const Json& step : life.at("steps")) {
        now += kStep;
        if (step.contains("spec")) crossplane.xr()["spec"].merge_patch(step["spec"]);
        crossplane.Reconcile(now);
        const std::string file = absl::StrCat(name, *key == '\0' ? "-" : "-keyed-", ++number);
        Write("request", file, crossplane.request());
        Write("struct", file, codec::EncodeStruct(crossplane.xr()));
        Json list = {{"kind", "List"}, {"apiVersion", "v1"}, {"items", Json::array({crossplane.xr()})}};
        if (const Json config_map = crossplane.Observed("gate-config"); !config_map.is_null()) {
          list["items"].push_back(config_map);
        }
        Write("audit", file, base::CanonicalJson(list));
      }
    }
  }

 private:
  void Write(const std::string& target, const std::string& name, const std::string& bytes) const {
    std::ofstream(absl::StrCat(folder_, "/", target, "/", name), std::ios::binary) << bytes;
  }

  const std::string folder_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER" << std::endl;
    return 2;
  }
  Seeds seeds(argv[1]);
  for (const auto& entry :
       std::filesystem::directory_iterator(test_support::SourcePath("test/robustness/fuzz/seeds/life"))) {
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    seeds.WriteLife(entry.path().stem().string(), Json::parse(text));
  }
  return 0;
}
