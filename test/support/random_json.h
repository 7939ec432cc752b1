// Random JSON values for properties: the same seed gives the same values.
#ifndef TEST_SUPPORT_RANDOM_JSON_H_
#define TEST_SUPPORT_RANDOM_JSON_H_

#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "function/base/json.h"

namespace test_support {

inline std::string RandomText(std::mt19937& random) {
  static const char* const kPieces[] = {"",  "a", "key", "\"",   "\\", "\n", "ä",
                                        "€", "😀", " ",   "null", "{",  "0"};
  std::string text;
  for (size_t pieces = random() % 4; pieces > 0; --pieces) text += kPieces[random() % std::size(kPieces)];
  if (random() % 50 == 0) text.append(random() % 300, 'x');  // sizes of two varint bytes
  return text;
}

inline base::Json RandomNumber(std::mt19937& random) {
  static const double kNumbers[] = {
      0, 1, -1, 0.5, 1e300, -1e-300, 9007199254740992.0, 9007199254740994.0, 1767355200};
  if (random() % 2 == 0) return static_cast<int64_t>(random()) - (int64_t{1} << 31);
  return kNumbers[random() % std::size(kNumbers)];
}

inline base::Json RandomJson(std::mt19937& random, int depth) {
  switch (random() % (depth > 0 ? 7 : 5)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return RandomNumber(random);
    case 3:
    case 4:
      return RandomText(random);
    case 5: {
      base::Json list = base::Json::array();
      for (size_t size = random() % 5; size > 0; --size) list.push_back(RandomJson(random, depth - 1));
      return list;
    }
    default: {
      base::Json object = base::Json::object();
      for (size_t size = random() % 5; size > 0; --size)
        object[RandomText(random)] = RandomJson(random, depth - 1);
      return object;
    }
  }
}

inline base::Json RandomObject(std::mt19937& random, int depth) {
  base::Json object = base::Json::object();
  for (size_t size = random() % 6; size > 0; --size)
    object[RandomText(random)] = RandomJson(random, depth - 1);
  return object;
}

}  // namespace test_support

#endif  // TEST_SUPPORT_RANDOM_JSON_H_
