#include "function/release/sshsig.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "function/base/status_macros.h"
#include "function/release/ssh_crypto.h"
#include "function/release/ssh_wire.h"

namespace release {
namespace {

constexpr absl::string_view kBegin = "-----BEGIN SSH SIGNATURE-----\n";
constexpr absl::string_view kEnd = "\n-----END SSH SIGNATURE-----";
constexpr absl::string_view kMagic = "SSHSIG";
constexpr uint32_t kVersion = 1;

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the signature is malformed: ", what));
}

absl::StatusOr<std::string> RemoveArmor(absl::string_view armored) {
  if (!absl::ConsumePrefix(&armored, kBegin)) return Malformed("it does not begin with BEGIN SSH SIGNATURE");
  const size_t end = armored.find(kEnd);
  if (end == absl::string_view::npos) return Malformed("it does not end with END SSH SIGNATURE");
  armored = armored.substr(0, end);
  absl::ConsumeSuffix(&armored, absl::string_view("\0", 1));
  std::optional<std::string> blob = DecodeBase64(armored);
  if (!blob) return Malformed("its body is not base64");
  return *std::move(blob);
}

}  // namespace

absl::StatusOr<SshSignature> ParseSshSignature(absl::string_view armored) {
  ASSIGN_OR_RETURN(const std::string blob, RemoveArmor(armored));
  absl::string_view rest = blob;
  if (!absl::ConsumePrefix(&rest, kMagic)) return Malformed("it is no SSHSIG");
  SshReader in(rest);
  const auto version = in.Uint32();
  if (!version || *version > kVersion) return Malformed("its version is not 1");
  const auto key = in.String();
  const auto name_space = key ? in.Text() : std::nullopt;
  const auto reserved = name_space ? in.String() : std::nullopt;
  const auto hash = reserved ? in.Text() : std::nullopt;
  const auto signature = hash ? in.String() : std::nullopt;
  if (!signature || !in.AtEnd()) return Malformed("a field is missing, or something follows the last one");
  if (*hash != "sha256" && *hash != "sha512") return Malformed("its hash is neither sha256 nor sha512");
  SshSignature result;
  ASSIGN_OR_RETURN(result.key, ParseSshKey(*key));
  result.name_space = std::string(*name_space);
  result.hash = std::string(*hash);
  result.signature = std::string(*signature);
  return result;
}

bool VerifySshSignature(const SshSignature& signature, absl::string_view name_space, absl::string_view text) {
  const std::string digest = signature.hash == "sha512" ? Sha512(text) : Sha256(text);
  // The reserved field is empty in what is signed, whatever the signature has there.
  return VerifySshKey(signature.key, signature.signature,
                      absl::StrCat(kMagic, SshString(name_space), SshString(""), SshString(signature.hash),
                                   SshString(digest)));
}

}  // namespace release
