// Does CheckSignature give the verdict of `ssh-keygen -Y verify` on every input?
//
//   ssh_keygen_differential [--count N] [--seed N]     N random questions to both (default: 2000, seed 1)
//   ssh_keygen_differential --golden FOLDER            a signature of each kind of key, for the unit tests
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "function/release/signature.h"
#include "test/differential/cases.h"
#include "test/differential/crafted_cases.h"
#include "test/differential/ssh_keygen.h"
#include "test/support/test_keys.h"

namespace differential {
namespace {

using test_support::Armor;
using test_support::Assemble;
using test_support::MakeKeys;
using test_support::Sign;

constexpr char kText[] = "release-gate approval v1\n";

struct KeygenKind {
  std::string name;
  std::vector<std::string> options;
};

std::vector<KeygenKind> KeygenKinds() {
  return {{"ed25519", {"-t", "ed25519"}},
          {"ecdsa-256", {"-t", "ecdsa", "-b", "256"}},
          {"ecdsa-384", {"-t", "ecdsa", "-b", "384"}},
          {"ecdsa-521", {"-t", "ecdsa", "-b", "521"}},
          {"rsa-2048", {"-t", "rsa", "-b", "2048"}},
          {"rsa-3072", {"-t", "rsa", "-b", "3072"}}};
}

std::vector<RealSignature> MakeRealSignatures(const SshKeygen& keygen) {
  std::vector<RealSignature> signatures;
  for (const KeygenKind& kind : KeygenKinds()) {
    const std::string line = keygen.Generate(kind.name, kind.options);
    for (const char* hash : {"sha256", "sha512"}) {
      for (const char* name_space : {"release-gate", "git"}) {
        signatures.push_back({line, kText, keygen.Sign(kind.name, kText, name_space, hash)});
      }
    }
  }
  return signatures;
}

void Print(const Case& c, int exit_code, release::SignatureCheck check) {
  std::printf("DIFFERENT: %s\n  ssh-keygen exits %d, CheckSignature says \"%s\"\n", c.what.c_str(), exit_code,
              std::string(release::Reason(check)).c_str());
  std::printf("  principal \"%s\", now %s, text \"%s\"\n", absl::CEscape(c.principal).c_str(),
              absl::FormatTime(c.now, absl::UTCTimeZone()).c_str(),
              absl::CEscape(c.text.substr(0, 60)).c_str());
  std::printf("  signers \"%s\"\n  signature \"%s\"\n", absl::CEscape(c.signers).c_str(),
              absl::CEscape(c.signature).c_str());
}

struct Tally {
  int64_t cases = 0;
  int64_t accepted = 0;  // by ssh-keygen
  int64_t different = 0;
};

void CompareOne(const SshKeygen& keygen, const Case& c, Tally& tally) {
  const int exit_code = keygen.Verify(c.signers, c.principal, c.text, c.signature, c.now);
  const release::SignatureCheck check =
      release::CheckSignature(c.signers, c.principal, c.text, c.signature, c.now).check;
  const bool accepts = exit_code == 0;
  ++tally.cases;
  tally.accepted += accepts ? 1 : 0;
  if (accepts == (check == release::SignatureCheck::kValid) && exit_code >= 0) return;
  ++tally.different;
  Print(c, exit_code, check);
}

int Compare(int64_t count, uint64_t seed) {
  const SshKeygen keygen;
  if (!keygen.IsThere()) {
    std::printf("ssh-keygen is not installed: install openssh-client\n");
    return 1;
  }
  Tally crafted;
  for (const Case& c : CraftedCases()) CompareOne(keygen, c, crafted);
  CaseMaker maker(seed, MakeKeys(), MakeRealSignatures(keygen));
  Tally random;
  for (int64_t i = 0; i < count; ++i) CompareOne(keygen, maker.Next(), random);
  std::printf("crafted: %lld cases, ssh-keygen accepts %lld, %lld different\n",
              static_cast<long long>(crafted.cases), static_cast<long long>(crafted.accepted),
              static_cast<long long>(crafted.different));
  std::printf("random, seed %llu: %lld cases, ssh-keygen accepts %lld, %lld different\n",
              static_cast<unsigned long long>(seed), static_cast<long long>(random.cases),
              static_cast<long long>(random.accepted), static_cast<long long>(random.different));
  // A sequence that is all of one kind would compare nothing.
  const bool both_kinds = random.accepted > count / 10 && random.accepted < count - count / 10;
  const int64_t failed = crafted.different + random.different + (both_kinds ? 0 : 1);
  std::printf("%lld passed, %lld failed\n",
              static_cast<long long>(crafted.cases + random.cases - crafted.different - random.different),
              static_cast<long long>(failed));
  return failed == 0 ? 0 : 1;
}

void WriteGolden(const std::filesystem::path& folder, const std::string& name, const std::string& line,
                 const std::string& signature) {
  std::ofstream(folder / (name + ".sig"), std::ios::binary) << signature;
  std::ofstream(folder / (name + ".pub"), std::ios::binary) << line << "\n";
}

int WriteGoldens(const std::filesystem::path& folder) {
  const SshKeygen keygen;
  for (const KeygenKind& kind : KeygenKinds()) {
    const std::string line = keygen.Generate(kind.name, kind.options);
    for (const char* hash : {"sha256", "sha512"}) {
      WriteGolden(folder, absl::StrCat(kind.name, "-", hash), line,
                  keygen.Sign(kind.name, kText, "release-gate", hash));
    }
    if (kind.name == "ed25519") {
      WriteGolden(folder, "ed25519-git", line, keygen.Sign(kind.name, kText, "git", "sha512"));
    }
  }
  for (const TestKey& key : MakeKeys()) {
    if (!key.IsSecurityKey()) continue;
    Sshsig fields;
    Sign(key, kText, {}, fields);
    WriteGolden(folder, key.IsEcdsa() ? "sk-ecdsa" : "sk-ed25519", key.Line(), Armor(Assemble(fields)));
    if (!key.IsEcdsa()) continue;
    SignatureShape shape;
    shape.webauthn = true;
    Sign(key, kText, shape, fields);
    WriteGolden(folder, "sk-ecdsa-webauthn", key.Line(), Armor(Assemble(fields)));
  }
  return 0;
}

int Main(const std::vector<std::string>& arguments) {
  int64_t count = 2000;
  uint64_t seed = 1;
  for (size_t i = 0; i < arguments.size(); i += 2) {
    const std::string value = i + 1 < arguments.size() ? arguments[i + 1] : "";
    if (arguments[i] == "--golden" && !value.empty()) return WriteGoldens(value);
    if (arguments[i] == "--count" && absl::SimpleAtoi(value, &count)) continue;
    if (arguments[i] == "--seed" && absl::SimpleAtoi(value, &seed)) continue;
    std::printf("usage: ssh_keygen_differential [--count N] [--seed N] | --golden FOLDER\n");
    return 2;
  }
  return Compare(count, seed);
}

}  // namespace
}  // namespace differential

int main(int argc, char** argv) {
  try {
    return differential::Main({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::printf("%s\n", error.what());
    return 1;
  }
}
