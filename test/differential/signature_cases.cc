#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "test/differential/cases.h"

namespace differential {

using test_support::Armor;
using test_support::Assemble;
using test_support::KeyBlob;
using test_support::Sign;
using test_support::Spelling;

CaseMaker::CaseMaker(uint64_t seed, std::vector<TestKey> keys, std::vector<RealSignature> real)
    : random_(seed), keys_(std::move(keys)), real_(std::move(real)) {}

Case CaseMaker::Next() {
  static const std::vector<std::string> principals = {
      "alice", "alice@example.com", "bob", "a", "Alice", "alice,b", "*", "al?ce", "#alice", "", "alice bob"};
  static const std::vector<std::string> texts = {"", "release-gate approval v1\n", std::string("a\0b", 3),
                                                 std::string(5000, 'x')};
  Case result;
  result.principal = OneIn(3) ? Any(principals) : "alice";
  result.text = OneIn(3) ? Any(texts) : texts[1];
  result.now = absl::FromUnixSeconds(1767225600 + static_cast<int64_t>(Below(3)) - 1);
  std::string line;
  if (OneIn(6)) {
    const RealSignature& real = Any(real_);
    result.what = "by ssh-keygen;";
    line = real.line;
    result.text = real.text;
    result.signature = real.signature;
  } else {
    const TestKey& key = Any(keys_);
    line = key.Line();
    result.what = key.type + ";";
    result.signature = Armor(MakeSignature(key, result));
  }
  if (OneIn(16)) {
    absl::StrAppend(&result.what, " another text;");
    result.text += "!";
  }
  if (OneIn(8)) result.signature = BendArmor(result.signature, result);
  result.signers = MakeSigners(line, result.principal, result);
  return result;
}

std::string CaseMaker::MakeSignature(const TestKey& key, Case& result) {
  Sshsig fields;
  SignatureShape shape;
  if (OneIn(2)) fields.hash = "sha256";
  if (key.IsRsa() && OneIn(2)) shape.rsa_bits = 256;
  if (OneIn(6)) BendKey(key, fields, result);
  if (OneIn(4)) BendShape(key, shape, result);
  if (OneIn(8)) BendFields(key, fields, result);
  Sign(OneIn(40) ? Any(keys_) : key, result.text, shape, fields);
  std::string blob = Assemble(fields);
  if (OneIn(12)) {
    absl::StrAppend(&result.what, " bytes of the blob;");
    blob = BendBytes(blob);
  }
  return blob;
}

void CaseMaker::BendKey(const TestKey& key, Sshsig& fields, Case& result) {
  static const std::vector<std::string> names = {"ssh-rsa",
                                                 "rsa-sha2-256",
                                                 "rsa-sha2-512",
                                                 "RSA",
                                                 "rsa",
                                                 "ssh-ed25519",
                                                 "ED25519",
                                                 "ed25519",
                                                 "ED25519-SK",
                                                 "ECDSA",
                                                 "ECDSA-SK",
                                                 "ecdsa-sha2-nistp256",
                                                 "ecdsa-sha2-nistp384",
                                                 "sk-ssh-ed25519@openssh.com",
                                                 "sk-ecdsa-sha2-nistp256@openssh.com",
                                                 "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
                                                 "ssh-dss",
                                                 "DSA",
                                                 "ssh-ed25519-cert-v01@openssh.com",
                                                 "ssh-rsa-cert-v01@openssh.com",
                                                 "",
                                                 "SSH-RSA"};
  Spelling spelling;
  switch (Below(5)) {
    case 0:
      spelling.type = OneIn(2) ? key.type + std::string(1, '\0') : Any(names);
      break;
    case 1:
      spelling.leading_zeros = 1 + Below(3);
      break;
    case 2:
      spelling.application_end = OneIn(2) ? std::string(1, '\0') : std::string("\0x", 2);
      break;
    case 3:
      spelling.trailing = std::string(1 + Below(3), '\0');
      break;
    case 4:
      spelling.type = Any(names);
      spelling.leading_zeros = Below(3);
      break;
  }
  fields.key = KeyBlob(key, spelling);
  if (OneIn(4)) fields.key = BendBytes(fields.key);
  absl::StrAppend(&result.what, " key spelled ", spelling.type, "/", spelling.leading_zeros, "/",
                  spelling.application_end.size(), "/", spelling.trailing.size(), ";");
}

void CaseMaker::BendFields(const TestKey& key, Sshsig& fields, Case& result) {
  static const std::vector<std::string> hashes = {"sha256",
                                                  "sha512",
                                                  std::string("sha512\0", 7),
                                                  std::string("sha256\0", 7),
                                                  "sha384",
                                                  "SHA512",
                                                  "sha1",
                                                  "",
                                                  "sha256,sha512",
                                                  "sha*",
                                                  std::string("sha512\0\0", 8)};
  static const std::vector<std::string> name_spaces = {"release-gate",
                                                       std::string("release-gate\0", 13),
                                                       "git",
                                                       "file",
                                                       "",
                                                       "release-gat",
                                                       "release-gate2",
                                                       "Release-gate",
                                                       "release-*",
                                                       std::string("release-gate\0x", 14)};
  const size_t which = Below(7);
  absl::StrAppend(&result.what, " field ", which, ";");
  if (which == 0) fields.version = static_cast<uint32_t>(OneIn(3) ? random_() : Below(3));
  if (which == 1) fields.hash = Any(hashes);
  if (which == 2) fields.name_space = Any(name_spaces);
  if (which == 3) fields.reserved = OneIn(2) ? "reserved" : std::string(1, '\0');
  if (which == 4) fields.trailing = std::string(1 + Below(5), 'x');
  if (which == 5) fields.magic = OneIn(2) ? "SSHSIh" : "";
  if (which == 6) fields.key = OneIn(2) ? Any(keys_).blob : std::string(key.blob, 0, Below(key.blob.size()));
}

void CaseMaker::BendShape(const TestKey& key, SignatureShape& shape, Case& result) {
  static const std::vector<std::string> algorithms = {"ssh-rsa",
                                                      "rsa-sha2-256",
                                                      "rsa-sha2-512",
                                                      "ssh-ed25519",
                                                      "ecdsa-sha2-nistp256",
                                                      "ecdsa-sha2-nistp521",
                                                      "sk-ssh-ed25519@openssh.com",
                                                      "sk-ecdsa-sha2-nistp256@openssh.com",
                                                      "RSA",
                                                      "ED25519",
                                                      "ECDSA",
                                                      "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
                                                      "rsa-sha2-512-cert-v01@openssh.com"};
  switch (Below(6)) {
    case 0:
      absl::StrAppend(&result.what, " algorithm;");
      shape.algorithm = OneIn(2) ? key.type + std::string(1 + Below(2), '\0') : Any(algorithms);
      break;
    case 1:
      absl::StrAppend(&result.what, " trailing;");
      shape.trailing = std::string(1 + Below(3), '\0');
      break;
    case 2:
      absl::StrAppend(&result.what, " rsa bits;");
      shape.rsa_bits = OneIn(2) ? 1 : 256;
      break;
    case 3:
      absl::StrAppend(&result.what, " flags;");
      shape.flags = static_cast<uint8_t>(random_());
      shape.counter = static_cast<uint32_t>(random_());
      break;
    case 4:
      BendNumbers(shape, result);
      break;
    case 5:
      BendWebauthn(shape, result);
      break;
  }
}

void CaseMaker::BendNumbers(SignatureShape& shape, Case& result) {
  shape.other_s = OneIn(2);
  shape.drop_byte = OneIn(4);
  shape.strip_zeros = OneIn(3);
  shape.leading_zeros = OneIn(2) ? Below(4) : 0;
  absl::StrAppend(&result.what, " other s ", shape.other_s, ", drop ", shape.drop_byte, ", strip ",
                  shape.strip_zeros, ", zeros ", shape.leading_zeros, ";");
}

void CaseMaker::BendWebauthn(SignatureShape& shape, Case& result) {
  absl::StrAppend(&result.what, " webauthn;");
  shape.webauthn = true;
  static const std::vector<std::string> origins = {"", "https://example.org", "https://\"",
                                                   std::string("a\0", 2)};
  static const std::vector<std::string> ends = {"", "}", ",\"crossOrigin\":true}", "garbage"};
  if (OneIn(3)) shape.origin = Any(origins);
  if (OneIn(3)) shape.client_data_end = Any(ends);
  if (OneIn(3)) shape.extensions = "ext";
  shape.flags = OneIn(3) ? static_cast<uint8_t>(random_()) : (shape.extensions.empty() ? 0x01 : 0x81);
}

std::string CaseMaker::BendBytes(std::string bytes) {
  const size_t at = Below(bytes.size() + 1);
  switch (Below(5)) {
    case 0:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(8)));
      break;
    case 1:
      bytes.resize(at);
      break;
    case 2:
      bytes.insert(at, std::string(1 + Below(3), static_cast<char>(random_())));
      break;
    case 3:
      bytes.erase(at, 1 + Below(4));
      break;
    case 4:
      if (at < bytes.size()) bytes[at] = static_cast<char>(random_());
      break;
  }
  return bytes;
}

std::string CaseMaker::BendArmor(std::string armored, Case& result) {
  absl::StrAppend(&result.what, " armor;");
  static const std::vector<std::string> pieces = {"\n",
                                                  "\r\n",
                                                  " ",
                                                  "=",
                                                  "==",
                                                  "\t",
                                                  "\v",
                                                  "A",
                                                  std::string(1, '\0'),
                                                  "\n-----END SSH SIGNATURE-----",
                                                  "-----BEGIN SSH SIGNATURE-----\n",
                                                  "-",
                                                  "\xff",
                                                  "_"};
  switch (Below(8)) {
    case 0:
      return absl::StrReplaceAll(armored, {{"\n", "\r\n"}});
    case 1:
      return BendBytes(armored);
    case 2:
      return armored.insert(Below(armored.size() + 1), Any(pieces));
    case 3:
      return armored + Any(pieces);
    case 4:
      return Any(pieces) + armored;
    case 5:
      return armored.insert(armored.find("\n-----END"), Any(pieces));
    case 6: {
      // One line of base64, as other tools write it.
      const size_t begin = armored.find('\n') + 1;
      const size_t end = armored.find("\n-----END");
      const std::string body = absl::StrReplaceAll(armored.substr(begin, end - begin), {{"\n", ""}});
      return armored.substr(0, begin) + body + armored.substr(end);
    }
    default:
      armored.resize(armored.size() - 1 - Below(30));
      return armored;
  }
}

}  // namespace differential
