#include "test/robustness/fuzz/json_mutator.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "function/base/json.h"
#include "test/robustness/fuzz/fuzz.h"

// libFuzzer's own.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace fuzz {
namespace {

using base::Json;
using Random = std::minstd_rand;

size_t Below(Random& random, size_t end) { return random() % end; }

// Every value of the document, the root first.
void Collect(Json& value, std::vector<Json*>& all) {
  all.push_back(&value);
  if (!value.is_structured()) return;
  for (Json& child : value) Collect(child, all);
}

Json& Any(Json& document, Random& random) {
  std::vector<Json*> all;
  Collect(document, all);
  return *all[Below(random, all.size())];
}

// Text that libFuzzer changes: its dictionary goes in here.
std::string MutateText(std::string text) {
  const size_t size = text.size();
  text.resize(size + 64);
  text.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(text.data()), size, text.size()));
  return text;
}

Json AnyScalar(Random& random) {
  static const Json kScalars[] = {nullptr,
                                  true,
                                  false,
                                  0,
                                  1,
                                  -1,
                                  2,
                                  24,
                                  168,
                                  1e300,
                                  0.5,
                                  "",
                                  "approve",
                                  "dev",
                                  "staging",
                                  "production",
                                  Json::object(),
                                  Json::array()};
  return kScalars[Below(random, std::size(kScalars))];
}

void MutateScalar(Json& value, Random& random) {
  if (value.is_string() && Below(random, 4) != 0) {
    value = MutateText(value.get<std::string>());
  } else if (value.is_number_integer() && Below(random, 4) != 0) {
    value = value.get<int64_t>() / 2 + static_cast<int64_t>(Below(random, 7)) - 3;
  } else {
    value = AnyScalar(random);
  }
}

void MutateObject(Json& object, Json& document, Random& random) {
  const size_t which = Below(random, 4);
  if (object.empty() || which == 0) {
    object[MutateText("")] = Any(document, random);
    return;
  }
  const auto at = std::next(object.begin(), static_cast<std::ptrdiff_t>(Below(random, object.size())));
  const std::string key = at.key();
  const Json value = at.value();
  if (which == 1) {
    object.erase(key);
  } else if (which == 2) {
    object.erase(key);
    object[MutateText(key)] = value;
  } else {
    object[key] = AnyScalar(random);
  }
}

void MutateList(Json& list, Json& document, Random& random) {
  const size_t which = Below(random, 3);
  const size_t at = list.empty() ? 0 : Below(random, list.size());
  if (list.empty() || which == 0) {
    const Json copy = list.empty() || Below(random, 2) == 0 ? Any(document, random) : list[at];
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(at), copy);
  } else if (which == 1) {
    list.erase(at);
  } else {
    std::swap(list[at], list[Below(random, list.size())]);
  }
}

void MutateOnce(Json& document, Random& random) {
  Json& value = Any(document, random);
  if (Below(random, 5) == 0) {
    const Json copy = Any(document, random);
    value = copy;
  } else if (value.is_object()) {
    MutateObject(value, document, random);
  } else if (value.is_array()) {
    MutateList(value, document, random);
  } else {
    MutateScalar(value, random);
  }
}

}  // namespace

size_t MutateJson(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  Random random(seed);
  Json document = Json::parse(View(data, size), nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded() || Below(random, 4) == 0) return LLVMFuzzerMutate(data, size, max_size);
  for (size_t times = 1 + Below(random, 3); times > 0; --times) MutateOnce(document, random);
  const std::string text = base::CanonicalJson(document);
  if (text.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

}  // namespace fuzz
