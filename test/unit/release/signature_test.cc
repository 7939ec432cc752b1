#include "function/release/signature.h"

#include <fstream>
#include <functional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "test/catch.h"
#include "test/support/source_dir.h"
#include "test/support/test_keys.h"

namespace release {
namespace {

using test_support::Armor;
using test_support::Assemble;
using test_support::KeyBlob;
using test_support::SignatureShape;
using test_support::Spelling;
using test_support::Sshsig;
using test_support::TestKey;

constexpr char kText[] = "release-gate approval v1\n";
const absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01T00:00:00Z

std::string Golden(const std::string& name) {
  std::ifstream file(test_support::SourcePath(absl::StrCat("test/unit/release/testdata/", name)),
                     std::ios::binary);
  REQUIRE(file);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::string Blob(absl::string_view line) {
  std::string blob;
  const std::vector<std::string> words = absl::StrSplit(line, absl::ByAnyChar(" \n"));
  REQUIRE(absl::Base64Unescape(words.at(1), &blob));
  return blob;
}

const std::vector<TestKey>& Keys() {
  static const std::vector<TestKey> keys = test_support::MakeKeys();
  return keys;
}

const TestKey& Key(const std::string& type) {
  for (const TestKey& key : Keys()) {
    if (key.type == type) return key;
  }
  FAIL("no such key");
  return Keys().front();
}

// The verdict on a signature by `key` that is spelled or bent in this way, where the key is allowed
// everything.
std::string Verdict(const TestKey& key, const SignatureShape& shape, Sshsig fields = {}) {
  test_support::Sign(key, kText, shape, fields);
  return std::string(
      Reason(CheckSignature("* " + key.Line(), "alice", kText, Armor(Assemble(fields)), kNow).check));
}

TEST_CASE("A signature that ssh-keygen or a security key made is valid") {
  for (const char* name :
       {"ed25519-sha256", "ed25519-sha512", "ecdsa-256-sha256", "ecdsa-256-sha512", "ecdsa-384-sha256",
        "ecdsa-384-sha512", "ecdsa-521-sha256", "ecdsa-521-sha512", "rsa-2048-sha256", "rsa-2048-sha512",
        "rsa-3072-sha256", "rsa-3072-sha512", "sk-ed25519", "sk-ecdsa", "sk-ecdsa-webauthn"}) {
    INFO(name);
    const std::string line = Golden(absl::StrCat(name, ".pub"));
    const std::string signature = Golden(absl::StrCat(name, ".sig"));
    const SignatureResult result = CheckSignature("alice " + line, "alice", kText, signature, kNow);
    CHECK(result.check == SignatureCheck::kValid);
    CHECK(result.public_key == Blob(line));
    CHECK(CheckSignature("alice " + line, "alice", "another text", signature, kNow).check ==
          SignatureCheck::kInvalid);
    CHECK(CheckSignature("bob " + line, "alice", kText, signature, kNow).check ==
          SignatureCheck::kSignerNotAllowed);
    CHECK(ValidateAllowedSigners("alice " + line).ok());
  }
}

TEST_CASE("Every byte of a signature matters") {
  for (const char* name : {"ed25519-sha512", "ecdsa-256-sha256", "sk-ed25519", "sk-ecdsa"}) {
    const std::string line = Golden(absl::StrCat(name, ".pub"));
    const std::string armored = Golden(absl::StrCat(name, ".sig"));
    const std::vector<std::string> lines = absl::StrSplit(armored, '\n');
    std::string blob;
    for (size_t i = 1; i + 2 < lines.size(); ++i) {
      std::string part = lines[i];
      blob += part;
    }
    std::string bytes;
    REQUIRE(absl::Base64Unescape(blob, &bytes));
    REQUIRE(CheckSignature("* " + line, "a", kText, Armor(bytes), kNow).check == SignatureCheck::kValid);
    for (size_t i = 0; i < bytes.size(); ++i) {
      std::string bent = bytes;
      bent[i] = static_cast<char>(bent[i] ^ 1);
      INFO(name << ", byte " << i);
      // The lowest bit of the version makes it 0, which OpenSSH takes too.
      const bool version = i == 9;
      REQUIRE((CheckSignature("* " + line, "a", kText, Armor(bent), kNow).check == SignatureCheck::kValid) ==
              version);
    }
    for (size_t size = 0; size < bytes.size(); ++size) {
      INFO(name << ", " << size << " bytes");
      REQUIRE(CheckSignature("* " + line, "a", kText, Armor(bytes.substr(0, size)), kNow).check ==
              SignatureCheck::kInvalid);
    }
  }
}

TEST_CASE("The fields of a signature, each bent and signed") {
  struct Case {
    std::string name;
    std::string reason;
    std::string verdict;
    std::function<void(Sshsig&)> bend;
  };
  const std::string nul(1, '\0');
  const std::vector<Case> cases = {
      {"none", "as ssh-keygen makes it", "", [](Sshsig&) {}},
      {"sha256", "the other hash", "", [](Sshsig& f) { f.hash = "sha256"; }},
      {"sha384", "no other hash", "SignatureInvalid", [](Sshsig& f) { f.hash = "sha384"; }},
      {"hash in capitals", "names are exact", "SignatureInvalid", [](Sshsig& f) { f.hash = "SHA512"; }},
      {"hash and a NUL", "OpenSSH drops one at the end", "", [=](Sshsig& f) { f.hash = "sha512" + nul; }},
      {"hash and two NULs", "only one", "SignatureInvalid",
       [=](Sshsig& f) { f.hash = "sha512" + nul + nul; }},
      {"version 0", "OpenSSH refuses only those above 1", "", [](Sshsig& f) { f.version = 0; }},
      {"version 2", "its meaning is unknown", "SignatureInvalid", [](Sshsig& f) { f.version = 2; }},
      {"reserved", "it is ignored, and signed as empty", "", [](Sshsig& f) { f.reserved = "x"; }},
      {"magic", "another format", "SignatureInvalid", [](Sshsig& f) { f.magic = "SSHSIH"; }},
      {"trailing", "nothing follows the signature", "SignatureInvalid", [](Sshsig& f) { f.trailing = "x"; }},
      {"git", "made for another purpose", "WrongNamespace", [](Sshsig& f) { f.name_space = "git"; }},
      {"no namespace", "made for no purpose", "WrongNamespace", [](Sshsig& f) { f.name_space = ""; }},
      {"namespace and a NUL", "OpenSSH drops one at the end", "",
       [=](Sshsig& f) { f.name_space = "release-gate" + nul; }},
      {"another key", "it names a key that did not sign", "SignatureInvalid",
       [](Sshsig& f) { f.key = Keys()[1].blob; }},
      {"no key", "it names no key", "SignatureInvalid", [](Sshsig& f) { f.key = "x"; }},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    Sshsig fields;
    c.bend(fields);
    CHECK(Verdict(Key("ssh-ed25519"), {}, fields) == c.verdict);
  }
}

TEST_CASE("Where OpenSSH takes a signature that is not spelled as usual, and where not") {
  struct Case {
    std::string name;
    std::string reason;
    std::string key;
    std::string verdict;
    std::function<void(SignatureShape&)> bend;
  };
  const std::string sk_ecdsa = "sk-ecdsa-sha2-nistp256@openssh.com";
  const std::string sk_ed25519 = "sk-ssh-ed25519@openssh.com";
  const std::vector<Case> cases = {
      {"S plus the order", "OpenSSH reduces an S of 253 bits", "ssh-ed25519", "",
       [](SignatureShape& s) { s.other_s = true; }},
      {"63 bytes", "an Ed25519 signature has 64", "ssh-ed25519", "SignatureInvalid",
       [](SignatureShape& s) { s.drop_byte = true; }},
      {"trailing", "nothing follows it", "ssh-ed25519", "SignatureInvalid",
       [](SignatureShape& s) { s.trailing = "x"; }},
      {"short name", "in a signature the name is exact", "ssh-ed25519", "SignatureInvalid",
       [](SignatureShape& s) { s.algorithm = "ED25519"; }},
      {"order minus s", "ECDSA has two signatures of one meaning", "ecdsa-sha2-nistp384", "",
       [](SignatureShape& s) { s.other_s = true; }},
      {"leading zeros", "a number is one with zeros too", "ecdsa-sha2-nistp521", "",
       [](SignatureShape& s) { s.leading_zeros = 2; }},
      {"another curve's name", "the algorithm is the key's", "ecdsa-sha2-nistp256", "SignatureInvalid",
       [](SignatureShape& s) { s.algorithm = "ecdsa-sha2-nistp384"; }},
      {"RSA and SHA-256", "rsa-sha2-256", "ssh-rsa", "", [](SignatureShape& s) { s.rsa_bits = 256; }},
      {"RSA and SHA-1", "SHA-1 is broken", "ssh-rsa", "SignatureInvalid",
       [](SignatureShape& s) { s.rsa_bits = 1; }},
      {"RSA, the other hash's name", "the name is what is checked", "ssh-rsa", "SignatureInvalid",
       [](SignatureShape& s) { s.algorithm = "rsa-sha2-256"; }},
      {"RSA, ssh-rsa for a name", "the name means SHA-1", "ssh-rsa", "SignatureInvalid",
       [](SignatureShape& s) { s.algorithm = "ssh-rsa"; }},
      {"RSA, too long", "longer than the modulus", "ssh-rsa", "SignatureInvalid",
       [](SignatureShape& s) { s.leading_zeros = 1; }},
      {"not touched", "ssh-keygen asks for no flag", sk_ed25519, "", [](SignatureShape& s) { s.flags = 0; }},
      {"PIN entered", "ssh-keygen asks for no flag", sk_ecdsa, "", [](SignatureShape& s) { s.flags = 5; }},
      {"webauthn", "a browser's signature", sk_ecdsa, "", [](SignatureShape& s) { s.webauthn = true; }},
      {"webauthn, Ed25519", "browsers' are for ECDSA only", sk_ed25519, "SignatureInvalid",
       [](SignatureShape& s) { s.webauthn = true; }},
      {"webauthn, extensions", "signed, and announced by a flag", sk_ecdsa, "",
       [](SignatureShape& s) {
         s.webauthn = true;
         s.flags = 0x81;
         s.extensions = "x";
       }},
      {"webauthn, extensions and no flag", "the flag must agree", sk_ecdsa, "SignatureInvalid",
       [](SignatureShape& s) {
         s.webauthn = true;
         s.extensions = "x";
       }},
      {"webauthn, attested data", "a signature has none", sk_ecdsa, "SignatureInvalid",
       [](SignatureShape& s) {
         s.webauthn = true;
         s.flags = 0x41;
       }},
      {"webauthn, quote in the origin", "it would end the JSON string", sk_ecdsa, "SignatureInvalid",
       [](SignatureShape& s) {
         s.webauthn = true;
         s.origin = "https://\"";
       }},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    SignatureShape shape;
    c.bend(shape);
    CHECK(Verdict(Key(c.key), shape) == c.verdict);
  }
}

TEST_CASE("A key is the same key however it is spelled") {
  struct Case {
    std::string name;
    std::string reason;
    std::string key;
    Spelling spelling;
    std::string verdict;
  };
  const std::string nul(1, '\0');
  const std::vector<Case> cases = {
      {"short name", "OpenSSH takes it in a blob", "ssh-ed25519", {"ed25519"}, ""},
      {"short name, RSA", "in any case", "ssh-rsa", {"rSa"}, ""},
      {"algorithm for a name", "RSA keys have three names", "ssh-rsa", {"rsa-sha2-256"}, ""},
      {"short name, ECDSA",
       "it does not name the curve",
       "ecdsa-sha2-nistp256",
       {"ECDSA"},
       "SignatureInvalid"},
      {"webauthn for a name",
       "the same keys",
       "sk-ecdsa-sha2-nistp256@openssh.com",
       {"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"},
       ""},
      {"zeros in front", "a number is one with zeros too", "ssh-rsa", {"", 3}, ""},
      {"application and a NUL",
       "OpenSSH drops one at the end",
       "sk-ssh-ed25519@openssh.com",
       {"", 0, nul},
       ""},
      {"another application",
       "not the key that signed",
       "sk-ssh-ed25519@openssh.com",
       {"", 0, "x"},
       "SignatureInvalid"},
      {"trailing", "nothing follows a key", "ssh-rsa", {"", 0, "", "x"}, "SignatureInvalid"},
      {"another type",
       "an Ed25519 key is no ECDSA key",
       "ssh-ed25519",
       {"ecdsa-sha2-nistp256"},
       "SignatureInvalid"},
      {"DSA", "not supported", "ssh-ed25519", {"ssh-dss"}, "SignatureInvalid"},
      {"certificate",
       "not supported",
       "ssh-ed25519",
       {"ssh-ed25519-cert-v01@openssh.com"},
       "SignatureInvalid"},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    const TestKey& key = Key(c.key);
    Sshsig fields;
    fields.key = KeyBlob(key, c.spelling);
    CHECK(Verdict(key, {}, fields) == c.verdict);
    test_support::Sign(key, kText, {}, fields);
    const SignatureResult result =
        CheckSignature("* " + key.Line(), "alice", kText, Armor(Assemble(fields)), kNow);
    CHECK(result.public_key == (c.verdict.empty() ? key.blob : ""));
  }
}

TEST_CASE("An RSA key needs 1024 bits") {
  for (const TestKey& key : Keys()) {
    if (key.IsRsa()) CHECK(Verdict(key, {}) == "");
  }
  const std::string short_rsa = "alice ssh-rsa AAAAB3NzaC1yc2EAAAABAwAAAAEj";
  CHECK(ValidateAllowedSigners(short_rsa).message() == "line 1: an RSA key needs at least 1024 bits");
}

TEST_CASE("The armor is read as ssh-keygen reads it") {
  struct Case {
    std::string name;
    std::string reason;
    std::string armored;
    SignatureCheck check;
  };
  const std::string good = Golden("ed25519-sha512.sig");
  const std::string nul(1, '\0');
  const size_t end = good.find("\n-----END");
  const std::string body = good.substr(30, end - 30);
  const auto with = [&](const std::string& text) { return absl::StrReplaceAll(good, {{body, text}}); };
  const std::vector<Case> cases = {
      {"as made", "the golden one", good, SignatureCheck::kValid},
      {"one line", "other tools do not wrap", with(absl::StrReplaceAll(body, {{"\n", ""}})),
       SignatureCheck::kValid},
      {"no newline at the end", "YAML often drops it", good.substr(0, good.size() - 1),
       SignatureCheck::kValid},
      {"text behind it", "the rest is ignored", good + "anything", SignatureCheck::kValid},
      {"blanks", "white space is skipped in base64", with(" \t\n\v\f\r" + body), SignatureCheck::kValid},
      {"NUL before the end", "OpenSSH drops one there", with(body + nul), SignatureCheck::kValid},
      {"NUL inside", "nowhere else", with(body.substr(0, 20) + nul + body.substr(20)),
       SignatureCheck::kInvalid},
      {"CRLF", "the first line must end in a newline alone", absl::StrReplaceAll(good, {{"\n", "\r\n"}}),
       SignatureCheck::kInvalid},
      {"blank in front", "the armor begins at once", " " + good, SignatureCheck::kInvalid},
      {"no end", "it may have been cut", good.substr(0, end), SignatureCheck::kInvalid},
      {"other character", "_ belongs to another base64", with(body + "_"), SignatureCheck::kInvalid},
      {"padding inside", "it ends the data", with("AAA=" + body), SignatureCheck::kInvalid},
      {"no body", "nothing is signed", with(""), SignatureCheck::kInvalid},
      {"empty", "there is no signature", "", SignatureCheck::kInvalid},
      {"largest", "16384 bytes are allowed", good + std::string(kMaxSignatureBytes - good.size(), '\n'),
       SignatureCheck::kValid},
      {"too large", "one more is refused", good + std::string(kMaxSignatureBytes - good.size() + 1, '\n'),
       SignatureCheck::kInvalid},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CHECK(CheckSignature("* " + Golden("ed25519-sha512.pub"), "alice", kText, c.armored, kNow).check ==
          c.check);
  }
}

TEST_CASE("Of a text that was in order before the same is said, and of its neighbours what is true of them") {
  const std::string line = "alice " + Golden("ecdsa-256-sha256.pub");
  // More than are remembered.
  for (int i = 0; i < 1100; ++i) {
    const std::string signers = absl::StrCat("# ", i, "\n", line);
    const std::string broken = absl::StrCat("# ", i, "\nx", line.substr(1, line.size() / 2));
    REQUIRE(ValidateAllowedSigners(signers).ok());
    REQUIRE(ValidateAllowedSigners(signers).ok());
    REQUIRE(absl::StartsWith(ValidateAllowedSigners(broken).message(), "line 2: "));
    REQUIRE(absl::StartsWith(ValidateAllowedSigners(broken).message(), "line 2: "));
  }
  CHECK(ValidateAllowedSigners(absl::StrCat("# 0\n", line)).ok());
}

TEST_CASE("No input makes it fail otherwise than with a verdict") {
  std::mt19937 random(20260101);
  const std::string good = Golden("ecdsa-256-sha256.sig");
  const std::string line = "alice namespaces=\"release-gate\" " + Golden("ecdsa-256-sha256.pub");
  for (int i = 0; i < 3000; ++i) {
    std::string signature = good;
    std::string signers = line;
    for (size_t flips = random() % 4; flips > 0; --flips) {
      signature[random() % signature.size()] = static_cast<char>(random());
      signers[random() % signers.size()] = static_cast<char>(random());
    }
    const SignatureResult result = CheckSignature(signers, "alice", kText, signature, kNow);
    REQUIRE(result.public_key.empty() == (result.check != SignatureCheck::kValid));
    REQUIRE((Reason(result.check).empty()) == (result.check == SignatureCheck::kValid));
    // What validates can be used; what does not names its line.
    const absl::Status status = ValidateAllowedSigners(signers);
    REQUIRE((status.ok() || absl::StartsWith(status.message(), "line ")));
  }
}

}  // namespace
}  // namespace release
