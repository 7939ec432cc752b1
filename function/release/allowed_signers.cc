#include "function/release/allowed_signers.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "function/base/status_macros.h"
#include "function/release/ssh_wire.h"

namespace release {
namespace {

constexpr absl::string_view kBlanks = " \t";
constexpr absl::string_view kSpaces = " \t\r\n";
constexpr absl::string_view kCertAuthority = "cert-authority";

absl::string_view WithoutLeading(absl::string_view text, absl::string_view characters) {
  const size_t first = text.find_first_not_of(characters);
  return first == absl::string_view::npos ? absl::string_view() : text.substr(first);
}

// For messages: printable, and no longer than is useful.
std::string Quoted(absl::string_view text) {
  constexpr size_t kShown = 64;
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text.substr(0, kShown)),
                      text.size() > kShown ? "…\"" : "\"");
}

bool ConsumeIgnoringCase(absl::string_view& text, absl::string_view prefix) {
  if (!absl::StartsWithIgnoreCase(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Quoted text at the beginning of `options`; \" is a quote in it.
absl::StatusOr<std::string> ConsumeQuoted(absl::string_view name, absl::string_view& options) {
  if (!absl::ConsumePrefix(&options, "\"")) {
    return absl::InvalidArgumentError(absl::StrCat("the value of ", name, " must be in double quotes"));
  }
  std::string value;
  while (!options.empty() && options.front() != '"') {
    if (absl::StartsWith(options, "\\\"")) options.remove_prefix(1);
    value.push_back(options.front());
    options.remove_prefix(1);
  }
  if (!absl::ConsumePrefix(&options, "\"")) {
    return absl::InvalidArgumentError(absl::StrCat("the value of ", name, " has no closing quote"));
  }
  return value;
}

// One number of a time: digits, or blanks and then digits, as strptime(3) has it.
std::optional<int> TimeField(absl::string_view text, size_t at, size_t size, int low, int high) {
  const absl::string_view digits = WithoutLeading(text.substr(at, size), " ");
  int value = 0;
  for (const char c : digits) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  if (digits.empty() || value < low || value > high) return std::nullopt;
  return value;
}

// YYYYMMDD[HHMM[SS]][Z|UTC]. A day that its month does not have is one of the next month, a leap second the
// next one.
std::optional<absl::Time> ParseSignerTime(absl::string_view text) {
  if (text.size() > 1 && absl::EndsWithIgnoreCase(text, "Z")) {
    text.remove_suffix(1);
  } else if (text.size() > 3 && absl::EndsWithIgnoreCase(text, "UTC")) {
    text.remove_suffix(3);
  }
  if (text.size() != 8 && text.size() != 12 && text.size() != 14) return std::nullopt;
  const auto year = TimeField(text, 0, 4, 0, 9999);
  const auto month = TimeField(text, 4, 2, 1, 12);
  const auto day = TimeField(text, 6, 2, 1, 31);
  const auto hour = text.size() > 8 ? TimeField(text, 8, 2, 0, 23) : 0;
  const auto minute = text.size() > 8 ? TimeField(text, 10, 2, 0, 59) : 0;
  const auto second = text.size() > 12 ? TimeField(text, 12, 2, 0, 61) : 0;
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const absl::Time time =
      absl::FromCivil(absl::CivilSecond(*year, *month, *day, *hour, *minute, *second), absl::UTCTimeZone());
  if (time <= absl::UnixEpoch()) return std::nullopt;
  return time;
}

absl::Status ConsumeTime(absl::string_view name, absl::string_view& options,
                         std::optional<absl::Time>& time) {
  if (time) return absl::InvalidArgumentError(absl::StrCat(name, " is there twice"));
  ASSIGN_OR_RETURN(const std::string text, ConsumeQuoted(name, options));
  time = ParseSignerTime(text);
  if (!time) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text), " is no time for ", name,
                     ": write it as YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with a Z at the end"));
  }
  return absl::OkStatus();
}

absl::Status ConsumeNamespaces(absl::string_view& options, std::optional<std::string>& namespaces) {
  if (namespaces) return absl::InvalidArgumentError("namespaces is there twice");
  ASSIGN_OR_RETURN(namespaces, ConsumeQuoted("namespaces", options));
  return absl::OkStatus();
}

// One option at the beginning of `options`. None, as between two commas, is as good.
absl::Status ConsumeOption(absl::string_view& options, AllowedSigner& signer) {
  if (ConsumeIgnoringCase(options, kCertAuthority)) {
    signer.cert_authority = true;
    return absl::OkStatus();
  }
  if (ConsumeIgnoringCase(options, "namespaces=")) return ConsumeNamespaces(options, signer.namespaces);
  if (ConsumeIgnoringCase(options, "valid-after="))
    return ConsumeTime("valid-after", options, signer.valid_after);
  if (ConsumeIgnoringCase(options, "valid-before=")) {
    return ConsumeTime("valid-before", options, signer.valid_before);
  }
  return absl::OkStatus();
}

absl::Status ReadOptions(absl::string_view options, AllowedSigner& signer) {
  while (!options.empty()) {
    const absl::string_view option = options;
    RETURN_IF_ERROR(ConsumeOption(options, signer));
    if (options.empty()) break;
    if (!absl::ConsumePrefix(&options, ",")) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(option.substr(0, option.find_first_of(",="))),
                       " is no option: namespaces=, valid-after= and valid-before= are supported"));
    }
    if (options.empty()) return absl::InvalidArgumentError("the options end in a comma");
  }
  if (signer.valid_after && signer.valid_before && *signer.valid_before <= *signer.valid_after) {
    return absl::InvalidArgumentError("valid-before is not after valid-after");
  }
  return absl::OkStatus();
}

absl::StatusOr<SshKey> ReadKey(absl::string_view text) {
  const size_t name_end = text.find_first_of(kBlanks);
  if (name_end == absl::string_view::npos) return absl::InvalidArgumentError("the key is missing");
  const absl::string_view name = text.substr(0, name_end);
  if (!IsSshKeyName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(name),
                     " is no supported key type: ssh-ed25519, ecdsa-sha2-nistp256, -384, -521, ssh-rsa, "
                     "sk-ssh-ed25519@openssh.com and sk-ecdsa-sha2-nistp256@openssh.com are"));
  }
  const absl::string_view encoded = WithoutLeading(text.substr(name_end), kBlanks);
  const std::optional<std::string> blob = DecodeBase64(encoded.substr(0, encoded.find_first_of(kBlanks)));
  if (!blob) return absl::InvalidArgumentError("the key is not base64");
  ASSIGN_OR_RETURN(SshKey key, ParseSshKey(*blob));
  if (!NamesSshKey(name, key)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the key is of type ", key.type, ", and the line says another one"));
  }
  return key;
}

// Where neither reading of a line works, this tells which one was meant.
bool LooksLikeOptions(absl::string_view text) {
  return absl::StrContains(text.substr(0, text.find_first_of(kBlanks)), '=') ||
         absl::StartsWithIgnoreCase(text, kCertAuthority);
}

// Where the options end: at the first blank outside quotes. npos: a quote is left open.
size_t EndOfOptions(absl::string_view text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!quoted && absl::StrContains(kBlanks, text[i])) return i;
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    }
  }
  return quoted ? absl::string_view::npos : text.size();
}

}  // namespace

absl::StatusOr<std::optional<SignerLine>> ReadPrincipals(absl::string_view line) {
  line = WithoutLeading(line.substr(0, line.find('\0')), kBlanks);
  const bool blank = WithoutLeading(line, kSpaces).empty();
  if (blank || line.front() == '#') return std::nullopt;
  SignerLine result;
  size_t end = line.find_first_of(" \t\r\n\"");
  if (end != absl::string_view::npos && line[end] == '"') {
    // The quoted part may stand behind a plain one, and ends the word wherever it ends.
    const size_t close = line.find('"', end + 1);
    if (close == absl::string_view::npos)
      return absl::InvalidArgumentError("a quote of the principals is left open");
    result.principals = absl::StrCat(line.substr(0, end), line.substr(end + 1, close - end - 1));
    end = close;
  } else {
    result.principals = std::string(line.substr(0, end));
  }
  result.rest =
      end == absl::string_view::npos ? absl::string_view() : WithoutLeading(line.substr(end + 1), kSpaces);
  return result;
}

absl::StatusOr<AllowedSigner> ReadSigner(absl::string_view rest) {
  AllowedSigner signer;
  absl::StatusOr<SshKey> key = ReadKey(rest);
  if (key.ok()) {
    signer.key = *std::move(key);
    return signer;
  }
  const size_t end = EndOfOptions(rest);
  if (end == absl::string_view::npos)
    return absl::InvalidArgumentError("a quote of the options is left open");
  absl::StatusOr<SshKey> after_options = ReadKey(WithoutLeading(rest.substr(end), kBlanks));
  if (!after_options.ok()) return LooksLikeOptions(rest) ? after_options.status() : key.status();
  signer.key = *std::move(after_options);
  RETURN_IF_ERROR(ReadOptions(rest.substr(0, end), signer));
  return signer;
}

}  // namespace release
