#include "function/base/sha256.h"

#include <string>
#include <vector>

#include "test/catch.h"

namespace base {
namespace {

struct HashCase {
  std::string source;
  std::string data;
  std::string digest;
};

TEST_CASE("SHA-256 of the vectors of FIPS 180-4", "[sha256]") {
  const std::vector<HashCase> cases = {
      {"no bits", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"a million times a", std::string(1000000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const HashCase& c : cases) {
    INFO(c.source);
    CHECK(Sha256Hex(c.data) == c.digest);
  }
}

struct HmacCase {
  std::string source;
  std::string key;
  std::string data;
  std::string digest;
};

std::string Counting(int from, int to) {
  std::string bytes;
  for (int i = from; i <= to; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST_CASE("HMAC-SHA-256 of the vectors of RFC 4231", "[sha256]") {
  const std::vector<HmacCase> cases = {
      {"test case 1", std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"test case 2: a key shorter than the digest", "Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {"test case 3", std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {"test case 4", Counting(1, 25), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {"test case 6: a key longer than a block", std::string(131, '\xaa'),
       "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {"test case 7: key and data longer than a block", std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs "
       "to be "
       "hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const HmacCase& c : cases) {
    INFO(c.source);
    CHECK(HmacSha256Hex(c.key, c.data) == c.digest);
  }
}

TEST_CASE("An HMAC with an empty key is no plain hash", "[sha256]") {
  CHECK(HmacSha256Hex("", "") == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(HmacSha256Hex("", "") != Sha256Hex(""));
}

TEST_CASE("A NUL is a byte like any other", "[sha256]") {
  CHECK(Sha256Hex(std::string("a\0b", 3)) != Sha256Hex("a"));
  CHECK(HmacSha256Hex(std::string("k\0x", 3), "d") != HmacSha256Hex("k", "d"));
}

}  // namespace
}  // namespace base
