#include "function/release/ssh_key.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/release/ssh_crypto.h"
#include "function/release/ssh_wire.h"

namespace release {
namespace {

constexpr absl::string_view kEcdsaPrefix = "ecdsa-sha2-";
constexpr absl::string_view kSkEcdsaType = "sk-ecdsa-sha2-nistp256@openssh.com";
constexpr absl::string_view kWebauthnType = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";
constexpr absl::string_view kSkEd25519Type = "sk-ssh-ed25519@openssh.com";
constexpr size_t kEd25519KeyBytes = 32;
constexpr char kUncompressedPoint = 0x04;

struct Name {
  absl::string_view name;
  SshKeyKind kind;
  absl::string_view type;  // what the key is called here
};

// Every exact name that OpenSSH takes for a key of these kinds, in a file as in a blob.
constexpr Name kNames[] = {
    {"ssh-ed25519", SshKeyKind::kEd25519, "ssh-ed25519"},
    {"ecdsa-sha2-nistp256", SshKeyKind::kEcdsa, "ecdsa-sha2-nistp256"},
    {"ecdsa-sha2-nistp384", SshKeyKind::kEcdsa, "ecdsa-sha2-nistp384"},
    {"ecdsa-sha2-nistp521", SshKeyKind::kEcdsa, "ecdsa-sha2-nistp521"},
    {"ssh-rsa", SshKeyKind::kRsa, "ssh-rsa"},
    {"rsa-sha2-256", SshKeyKind::kRsa, "ssh-rsa"},
    {"rsa-sha2-512", SshKeyKind::kRsa, "ssh-rsa"},
    {kSkEd25519Type, SshKeyKind::kSkEd25519, kSkEd25519Type},
    {kSkEcdsaType, SshKeyKind::kSkEcdsa, kSkEcdsaType},
    {kWebauthnType, SshKeyKind::kSkEcdsa, kSkEcdsaType},
};

// Inside a blob OpenSSH takes these too, in any case.
constexpr Name kShortNames[] = {
    {"ED25519", SshKeyKind::kEd25519, "ssh-ed25519"},
    {"RSA", SshKeyKind::kRsa, "ssh-rsa"},
    {"ED25519-SK", SshKeyKind::kSkEd25519, kSkEd25519Type},
};

std::optional<Name> FindInFile(absl::string_view name) {
  for (const Name& known : kNames) {
    if (known.name == name) return known;
  }
  return std::nullopt;
}

std::optional<Name> FindInBlob(absl::string_view name) {
  if (std::optional<Name> known = FindInFile(name)) return known;
  for (const Name& known : kShortNames) {
    if (absl::EqualsIgnoreCase(known.name, name)) return known;
  }
  return std::nullopt;
}

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the key is malformed: ", what));
}

absl::string_view CurveName(const SshKey& key) {
  return key.kind == SshKeyKind::kSkEcdsa ? "nistp256"
                                          : absl::string_view(key.type).substr(kEcdsaPrefix.size());
}

absl::Status ReadEd25519(SshReader& in, SshKey& key) {
  const auto point = in.String();
  if (!point || point->size() != kEd25519KeyBytes) return Malformed("an Ed25519 key has 32 bytes");
  key.point = std::string(*point);
  return absl::OkStatus();
}

absl::Status ReadEcdsa(SshReader& in, SshKey& key) {
  const auto curve = in.Text();
  if (!curve || *curve != CurveName(key)) return Malformed("its curve is not that of its type");
  const auto point = in.String();
  if (!point || point->empty() || point->front() != kUncompressedPoint) {
    return Malformed("its point is not an uncompressed one");
  }
  key.point = std::string(*point);
  return absl::OkStatus();
}

absl::Status ReadRsa(SshReader& in, SshKey& key) {
  const auto exponent = in.Mpint();
  const auto modulus = exponent ? in.Mpint() : std::nullopt;
  if (!modulus) return Malformed("an RSA key has an exponent and a modulus");
  if (modulus->size() < kMinRsaBytes)
    return absl::InvalidArgumentError("an RSA key needs at least 1024 bits");
  if (modulus->size() == kMinRsaBytes && (modulus->front() & 0x80) == 0) {
    return absl::InvalidArgumentError("an RSA key needs at least 1024 bits");
  }
  key.exponent = std::string(*exponent);
  key.modulus = std::string(*modulus);
  return absl::OkStatus();
}

absl::Status ReadParts(SshReader& in, SshKey& key) {
  switch (key.kind) {
    case SshKeyKind::kRsa:
      return ReadRsa(in, key);
    case SshKeyKind::kEd25519:
    case SshKeyKind::kSkEd25519:
      return ReadEd25519(in, key);
    case SshKeyKind::kEcdsa:
    case SshKeyKind::kSkEcdsa:
      return ReadEcdsa(in, key);
  }
  return Malformed("its kind is unknown");
}

bool IsSecurityKey(const SshKey& key) {
  return key.kind == SshKeyKind::kSkEd25519 || key.kind == SshKeyKind::kSkEcdsa;
}

bool VerifyPlainEd25519(const SshKey& key, SshReader in, absl::string_view data) {
  const auto signature = in.String();
  return signature && in.AtEnd() && VerifyEd25519(key.point, *signature, data);
}

struct EcdsaNumbers {
  absl::string_view r;
  absl::string_view s;
};

std::optional<EcdsaNumbers> ReadEcdsaNumbers(absl::string_view signature) {
  SshReader in(signature);
  const auto r = in.Mpint();
  const auto s = r ? in.Mpint() : std::nullopt;
  if (!s || !in.AtEnd()) return std::nullopt;
  return EcdsaNumbers{*r, *s};
}

bool VerifyPlainEcdsa(const SshKey& key, SshReader in, absl::string_view data) {
  const auto signature = in.String();
  if (!signature || !in.AtEnd()) return false;
  const auto numbers = ReadEcdsaNumbers(*signature);
  return numbers && VerifyEcdsa(CurveName(key), key.point, numbers->r, numbers->s, data);
}

bool VerifyPlainRsa(const SshKey& key, absl::string_view algorithm, SshReader in, absl::string_view data) {
  const auto signature = in.String();
  return signature && in.AtEnd() &&
         VerifyRsa(key.modulus, key.exponent, algorithm == "rsa-sha2-512" ? 512 : 256, *signature, data);
}

// What a security key signs (PROTOCOL.u2f): the hashes of application and message around its flags and
// counter.
std::string SecurityKeyText(const SshKey& key, uint8_t flags, uint32_t counter, absl::string_view extensions,
                            absl::string_view message_hash) {
  return absl::StrCat(Sha256(key.application), std::string(1, static_cast<char>(flags)), SshUint32(counter),
                      extensions, message_hash);
}

bool VerifySkEd25519(const SshKey& key, SshReader in, absl::string_view data) {
  const auto signature = in.String();
  const auto flags = signature ? in.Byte() : std::nullopt;
  const auto counter = flags ? in.Uint32() : std::nullopt;
  if (!counter || !in.AtEnd()) return false;
  return VerifyEd25519(key.point, *signature, SecurityKeyText(key, *flags, *counter, "", Sha256(data)));
}

// What a browser adds to the signature of a security key (PROTOCOL.u2f, "webauthn").
struct Webauthn {
  absl::string_view origin;
  absl::string_view client_data;
  absl::string_view extensions;
};

std::optional<Webauthn> ReadWebauthn(SshReader& in) {
  const auto origin = in.Text();
  const auto client_data = origin ? in.String() : std::nullopt;
  const auto extensions = client_data ? in.String() : std::nullopt;
  if (!extensions) return std::nullopt;
  return Webauthn{*origin, *client_data, *extensions};
}

// The client data must be for this very message and origin; what follows them in its JSON is the browser's
// own.
bool IsWebauthnFor(const Webauthn& webauthn, uint8_t flags, absl::string_view data) {
  constexpr uint8_t kAttestedData = 0x40;
  constexpr uint8_t kExtensionData = 0x80;
  const bool has_extensions = (flags & kExtensionData) != 0;
  if ((flags & kAttestedData) != 0 || has_extensions == webauthn.extensions.empty()) return false;
  if (absl::StrContains(webauthn.origin, "\"")) return false;
  return absl::StartsWith(webauthn.client_data,
                          absl::StrCat("{\"type\":\"webauthn.get\",\"challenge\":\"", Base64Url(data),
                                       "\",\"origin\":\"", webauthn.origin, "\""));
}

bool VerifySkEcdsa(const SshKey& key, bool is_webauthn, SshReader in, absl::string_view data) {
  const auto signature = in.String();
  const auto flags = signature ? in.Byte() : std::nullopt;
  const auto counter = flags ? in.Uint32() : std::nullopt;
  if (!counter) return false;
  Webauthn webauthn{"", data, ""};
  if (is_webauthn) {
    const std::optional<Webauthn> read = ReadWebauthn(in);
    if (!read || !IsWebauthnFor(*read, *flags, data)) return false;
    webauthn = *read;
  }
  const auto numbers = ReadEcdsaNumbers(*signature);
  if (!in.AtEnd() || !numbers) return false;
  return VerifyEcdsa(
      CurveName(key), key.point, numbers->r, numbers->s,
      SecurityKeyText(key, *flags, *counter, webauthn.extensions, Sha256(webauthn.client_data)));
}

}  // namespace

absl::StatusOr<SshKey> ParseSshKey(absl::string_view blob) {
  SshReader in(blob);
  const auto name = in.Text();
  if (!name) return Malformed("it does not begin with its type");
  const std::optional<Name> known = FindInBlob(*name);
  if (!known) return absl::InvalidArgumentError("keys of this type are not supported");
  SshKey key;
  key.kind = known->kind;
  key.type = std::string(known->type);
  RETURN_IF_ERROR(ReadParts(in, key));
  if (IsSecurityKey(key)) {
    const auto application = in.Text();
    if (!application) return Malformed("a security key has an application");
    key.application = std::string(*application);
  }
  if (!in.AtEnd()) return Malformed("something follows it");
  return key;
}

bool IsSshKeyName(absl::string_view name) { return FindInFile(name).has_value(); }

bool NamesSshKey(absl::string_view name, const SshKey& key) {
  const std::optional<Name> known = FindInFile(name);
  return known && known->type == key.type;
}

absl::Status CheckSshKey(const SshKey& key) {
  const bool on_curve = key.kind == SshKeyKind::kEcdsa || key.kind == SshKeyKind::kSkEcdsa
                            ? IsEcdsaPoint(CurveName(key), key.point)
                            : true;
  return on_curve ? absl::OkStatus() : Malformed("its point is not on its curve");
}

std::string SshKeyBlob(const SshKey& key) {
  std::string blob = SshString(key.type);
  if (key.kind == SshKeyKind::kRsa) return absl::StrCat(blob, SshMpint(key.exponent), SshMpint(key.modulus));
  if (key.kind == SshKeyKind::kEcdsa || key.kind == SshKeyKind::kSkEcdsa) {
    absl::StrAppend(&blob, SshString(CurveName(key)));
  }
  absl::StrAppend(&blob, SshString(key.point));
  if (IsSecurityKey(key)) absl::StrAppend(&blob, SshString(key.application));
  return blob;
}

bool VerifySshKey(const SshKey& key, absl::string_view signature, absl::string_view data) {
  SshReader in(signature);
  const auto algorithm = in.Text();
  if (!algorithm) return false;
  switch (key.kind) {
    case SshKeyKind::kRsa:
      return (*algorithm == "rsa-sha2-256" || *algorithm == "rsa-sha2-512") &&
             VerifyPlainRsa(key, *algorithm, in, data);
    case SshKeyKind::kEd25519:
      return *algorithm == key.type && VerifyPlainEd25519(key, in, data);
    case SshKeyKind::kEcdsa:
      return *algorithm == key.type && VerifyPlainEcdsa(key, in, data);
    case SshKeyKind::kSkEd25519:
      return *algorithm == key.type && VerifySkEd25519(key, in, data);
    case SshKeyKind::kSkEcdsa:
      return (*algorithm == key.type || *algorithm == kWebauthnType) &&
             VerifySkEcdsa(key, *algorithm == kWebauthnType, in, data);
  }
  return false;
}

}  // namespace release
