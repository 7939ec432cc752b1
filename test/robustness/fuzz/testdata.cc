#include "test/robustness/fuzz/testdata.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "test/robustness/fuzz/fuzz.h"
#include "test/support/source_dir.h"

namespace fuzz {
namespace {

constexpr char kFolder[] = "test/unit/release/testdata/";

// "ssh-ed25519 AAAA…", of each key.
const std::vector<std::string>& PublicKeys() {
  static const auto* const kKeys = [] {
    auto* keys = new std::vector<std::string>();
    for (const auto& entry : std::filesystem::directory_iterator(test_support::SourcePath(kFolder))) {
      if (entry.path().extension() != ".pub") continue;
      keys->emplace_back(
          absl::StripSuffix(ReadFile(absl::StrCat(kFolder, entry.path().filename().string())), "\n"));
    }
    std::sort(keys->begin(), keys->end());
    return keys;
  }();
  return *kKeys;
}

std::string Base64Of(const std::string& key) {
  const std::vector<std::string> words = absl::StrSplit(key, ' ');
  return words.at(1);
}

}  // namespace

std::string ReadFile(const std::string& path) {
  std::ifstream file(test_support::SourcePath(path), std::ios::binary);
  Check(file.is_open(), absl::StrCat(path, " can be read"));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const std::string& AllowedSigners() {
  static const auto* const kSigners = [] {
    auto* signers = new std::string();
    for (const std::string& key : PublicKeys()) absl::StrAppend(signers, "alice ", key, "\n");
    return signers;
  }();
  return *kSigners;
}

bool IsPublicKey(absl::string_view blob) {
  static const auto* const kBlobs = [] {
    auto* blobs = new std::set<std::string>();
    for (const std::string& key : PublicKeys()) {
      std::string bytes;
      Check(absl::Base64Unescape(Base64Of(key), &bytes), "a key is base64");
      blobs->insert(bytes);
    }
    return blobs;
  }();
  return kBlobs->count(std::string(blob)) == 1;
}

const std::string& Ed25519Signature() {
  static const auto* const kSignature =
      new std::string(ReadFile(absl::StrCat(kFolder, "ed25519-sha512.sig")));
  return *kSignature;
}

const std::string& Ed25519Key() {
  static const auto* const kKey = new std::string(
      Base64Of(std::string(absl::StripSuffix(ReadFile(absl::StrCat(kFolder, "ed25519-sha512.pub")), "\n"))));
  return *kKey;
}

}  // namespace fuzz
