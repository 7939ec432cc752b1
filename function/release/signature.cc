#include "function/release/signature.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "function/base/recent_set.h"
#include "function/base/sha256.h"
#include "function/base/status_macros.h"
#include "function/release/allowed_signers.h"
#include "function/release/pattern.h"
#include "function/release/ssh_key.h"
#include "function/release/sshsig.h"

namespace release {
namespace {

// Texts that are in order: 64 bytes of each.
constexpr size_t kRememberedTexts = 1024;

// The signer that a line lists for the principal; nullopt where it lists somebody else or does not parse.
std::optional<AllowedSigner> SignerFor(absl::string_view line, absl::string_view principal) {
  const auto principals = ReadPrincipals(line);
  if (!principals.ok() || !principals->has_value()) return std::nullopt;
  if (!MatchesPatternList(principal, (*principals)->principals)) return std::nullopt;
  absl::StatusOr<AllowedSigner> signer = ReadSigner((*principals)->rest);
  if (!signer.ok()) return std::nullopt;
  return *std::move(signer);
}

// What one line that lists the principal says of a good signature by `key`.
SignatureCheck Judge(const AllowedSigner& signer, const SshKey& key, absl::Time now) {
  if (signer.cert_authority || signer.key != key) return SignatureCheck::kSignerNotAllowed;
  if (signer.namespaces && !MatchesPatternList(kSignatureNamespace, *signer.namespaces)) {
    return SignatureCheck::kWrongNamespace;
  }
  const bool too_early = signer.valid_after && now < *signer.valid_after;
  const bool too_late = signer.valid_before && now > *signer.valid_before;
  return too_early || too_late ? SignatureCheck::kSignerExpired : SignatureCheck::kValid;
}

// The reason that says most of what to do: renew the key, list it for the namespace, list it at all.
int Weight(SignatureCheck check) {
  switch (check) {
    case SignatureCheck::kValid:
      return 3;
    case SignatureCheck::kSignerExpired:
      return 2;
    case SignatureCheck::kWrongNamespace:
      return 1;
    case SignatureCheck::kSignerNotAllowed:
    case SignatureCheck::kInvalid:
      return 0;
  }
  return 0;
}

SignatureCheck FindSigner(absl::string_view allowed_signers, absl::string_view principal, const SshKey& key,
                          absl::Time now) {
  SignatureCheck best = SignatureCheck::kSignerNotAllowed;
  for (const absl::string_view line : absl::StrSplit(allowed_signers, '\n')) {
    const std::optional<AllowedSigner> signer = SignerFor(line, principal);
    if (!signer) continue;
    const SignatureCheck check = Judge(*signer, key, now);
    if (check == SignatureCheck::kValid) return check;
    if (Weight(check) > Weight(best)) best = check;
  }
  return best;
}

absl::Status ValidatePrincipals(absl::string_view list) {
  if (list.empty()) return absl::InvalidArgumentError("the principals are empty");
  for (absl::string_view pattern : absl::StrSplit(list, ',')) {
    absl::ConsumePrefix(&pattern, "!");
    if (pattern.size() > kMaxPattern) {
      return absl::InvalidArgumentError(absl::StrCat("a principal has more than ", kMaxPattern, " bytes"));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateLine(absl::string_view line) {
  if (line.find('\0') != absl::string_view::npos) return absl::InvalidArgumentError("it has a NUL byte");
  ASSIGN_OR_RETURN(const std::optional<SignerLine> principals, ReadPrincipals(line));
  if (!principals) return absl::OkStatus();
  RETURN_IF_ERROR(ValidatePrincipals(principals->principals));
  ASSIGN_OR_RETURN(const AllowedSigner signer, ReadSigner(principals->rest));
  if (signer.cert_authority) {
    return absl::InvalidArgumentError(
        "cert-authority is not supported: list the keys of the signers themselves");
  }
  return CheckSshKey(signer.key);
}

absl::Status ValidateLines(absl::string_view allowed_signers) {
  size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(allowed_signers, '\n')) {
    ++number;
    if (absl::Status status = ValidateLine(line); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", status.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view Reason(SignatureCheck check) {
  switch (check) {
    case SignatureCheck::kValid:
      return "";
    case SignatureCheck::kInvalid:
      return "SignatureInvalid";
    case SignatureCheck::kSignerNotAllowed:
      return "SignerNotAllowed";
    case SignatureCheck::kSignerExpired:
      return "SignerExpired";
    case SignatureCheck::kWrongNamespace:
      return "WrongNamespace";
  }
  return "SignatureInvalid";
}

SignatureResult CheckSignature(absl::string_view allowed_signers, absl::string_view principal,
                               absl::string_view text, absl::string_view armored_signature, absl::Time now) {
  if (armored_signature.size() > kMaxSignatureBytes || allowed_signers.size() > kMaxAllowedSignersBytes) {
    return {SignatureCheck::kInvalid, ""};
  }
  const absl::StatusOr<SshSignature> signature = ParseSshSignature(armored_signature);
  if (!signature.ok()) return {SignatureCheck::kInvalid, ""};
  if (signature->name_space != kSignatureNamespace) return {SignatureCheck::kWrongNamespace, ""};
  if (!VerifySshSignature(*signature, kSignatureNamespace, text)) return {SignatureCheck::kInvalid, ""};
  // A principal with a NUL could not be given to ssh-keygen.
  if (principal.find('\0') != absl::string_view::npos) return {SignatureCheck::kSignerNotAllowed, ""};
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  const SignatureCheck check = FindSigner(allowed_signers, principal, signature->key, second);
  return {check, check == SignatureCheck::kValid ? SshKeyBlob(signature->key) : ""};
}

std::vector<std::string> KeysOf(absl::string_view allowed_signers, absl::string_view principal) {
  std::vector<std::string> keys;
  for (const absl::string_view line : absl::StrSplit(allowed_signers, '\n')) {
    const std::optional<AllowedSigner> signer = SignerFor(line, principal);
    if (signer && !signer->cert_authority) keys.push_back(SshKeyBlob(signer->key));
  }
  return keys;
}

absl::Status ValidateAllowedSigners(absl::string_view allowed_signers) {
  if (allowed_signers.size() > kMaxAllowedSignersBytes) {
    return absl::InvalidArgumentError(absl::StrCat("the text has ", allowed_signers.size(),
                                                   " bytes: at most ", kMaxAllowedSignersBytes,
                                                   " are allowed"));
  }
  // The same text comes with every call for its pipeline and its gates, and its points of curves take a
  // twentieth of one.
  static base::RecentSet<std::string>& valid = *new base::RecentSet<std::string>(kRememberedTexts);
  const std::string digest = base::Sha256Hex(allowed_signers);
  if (valid.Contains(digest)) return absl::OkStatus();
  absl::Status status = ValidateLines(allowed_signers);
  if (status.ok()) valid.Insert(digest);
  return status;
}

}  // namespace release
