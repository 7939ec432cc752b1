// Random questions to ssh-keygen -Y verify: good signatures and signer files, and all the ways to bend them.
#ifndef TEST_DIFFERENTIAL_CASES_H_
#define TEST_DIFFERENTIAL_CASES_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "test/support/test_keys.h"

namespace differential {

using test_support::SignatureShape;
using test_support::Sshsig;
using test_support::TestKey;

struct Case {
  std::string what;  // which bends were applied
  std::string signers;
  std::string principal;
  std::string text;
  std::string signature;
  absl::Time now;
};

// What ssh-keygen itself signed: its key's line and its signature.
struct RealSignature {
  std::string line;
  std::string text;
  std::string signature;
};

class CaseMaker {
 public:
  CaseMaker(uint64_t seed, std::vector<TestKey> keys, std::vector<RealSignature> real);

  // The same seed gives the same sequence of choices; keys are new in every run.
  Case Next();

 private:
  size_t Below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random_); }
  bool OneIn(size_t n) { return Below(n) == 0; }
  template <typename T>
  const T& Any(const std::vector<T>& values) {
    return values[Below(values.size())];
  }

  // signature_cases.cc
  std::string MakeSignature(const TestKey& key, Case& result);
  void BendFields(const TestKey& key, Sshsig& fields, Case& result);
  void BendKey(const TestKey& key, Sshsig& fields, Case& result);
  void BendShape(const TestKey& key, SignatureShape& shape, Case& result);
  void BendNumbers(SignatureShape& shape, Case& result);
  void BendWebauthn(SignatureShape& shape, Case& result);
  std::string BendArmor(std::string armored, Case& result);
  std::string BendBytes(std::string bytes);

  // signer_cases.cc
  std::string MakeSigners(const std::string& key_line, const std::string& principal, Case& result);
  std::string Line(const std::string& key_line, const std::string& principal);
  std::string Principals(const std::string& principal);
  std::string Pattern(const std::string& principal);
  std::string Options();
  std::string Option();
  std::string Time();
  std::string KeyText(const std::string& key_line);
  std::string Blank();

  std::mt19937_64 random_;
  std::vector<TestKey> keys_;
  std::vector<RealSignature> real_;
};

}  // namespace differential

#endif  // TEST_DIFFERENTIAL_CASES_H_
