#include "function/release/artifact.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace release {
namespace {

constexpr size_t kMaxTag = 128;
constexpr size_t kMinSha = 6;
constexpr size_t kMaxSha = 40;
constexpr size_t kDigestHex = 64;
constexpr size_t kMaxPortDigits = 5;
constexpr absl::string_view kDigestPrefix = "sha256:";
constexpr absl::string_view kWhatToWrite =
    "use registry/path:TAG with a tag that is or ends in a commit SHA (main-abc123), or "
    "registry/path@sha256:DIGEST";

bool IsLowerAlnum(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); }
bool IsLowerHex(char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); }
bool IsTagStart(char c) { return absl::ascii_isalnum(c) || c == '_'; }
bool IsTagPart(char c) { return IsTagStart(c) || c == '.' || c == '-'; }

template <typename Predicate>
bool All(absl::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// host[:port]
bool IsRegistry(absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon != absl::string_view::npos) {
    const absl::string_view port = text.substr(colon + 1);
    if (port.empty() || port.size() > kMaxPortDigits || !All(port, absl::ascii_isdigit)) return false;
    text = text.substr(0, colon);
  }
  return !text.empty() && IsLowerAlnum(text.front()) && IsLowerAlnum(text.back()) &&
         All(text, [](char c) { return IsLowerAlnum(c) || c == '.' || c == '-'; });
}

bool IsSeparator(absl::string_view text) {
  return text == "." || text == "_" || text == "__" ||
         (!text.empty() && All(text, [](char c) { return c == '-'; }));
}

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool IsPathComponent(absl::string_view text) {
  size_t i = 0;
  while (true) {
    const size_t word = i;
    while (i < text.size() && IsLowerAlnum(text[i])) ++i;
    if (i == word) return false;
    if (i == text.size()) return true;
    const size_t separator = i;
    while (i < text.size() && !IsLowerAlnum(text[i])) ++i;
    if (!IsSeparator(text.substr(separator, i - separator))) return false;
  }
}

bool IsRepository(absl::string_view text) {
  for (absl::string_view component : absl::StrSplit(text, '/')) {
    if (!IsPathComponent(component)) return false;
  }
  return true;
}

bool IsTag(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxTag && IsTagStart(text.front()) && All(text, IsTagPart);
}

bool CarriesSha(absl::string_view tag) {
  const size_t dash = tag.rfind('-');
  const absl::string_view sha = dash == absl::string_view::npos ? tag : tag.substr(dash + 1);
  return sha.size() >= kMinSha && sha.size() <= kMaxSha && All(sha, IsLowerHex);
}

bool IsDigest(absl::string_view text) {
  return absl::StartsWith(text, kDigestPrefix) && text.size() == kDigestPrefix.size() + kDigestHex &&
         All(text.substr(kDigestPrefix.size()), IsLowerHex);
}

// Splits "path:tag" or "path@digest"; neither character is in a path.
absl::Status SplitVersion(absl::string_view rest, absl::string_view& path, Artifact& artifact) {
  const size_t at = rest.find('@');
  path = rest.substr(0, at);
  const size_t colon = path.find(':');
  if (colon != absl::string_view::npos) {
    artifact.tag = std::string(path.substr(colon + 1));
    path = path.substr(0, colon);
  }
  if (at == absl::string_view::npos) return absl::OkStatus();
  if (colon != absl::string_view::npos) {
    return absl::InvalidArgumentError("has a tag and a digest: leave the tag out, the digest says it all");
  }
  artifact.digest = std::string(rest.substr(at + 1));
  if (IsDigest(artifact.digest)) return absl::OkStatus();
  return absl::InvalidArgumentError("has a malformed digest: write @sha256: and 64 lower-case hex digits");
}

absl::Status CheckTag(absl::string_view tag) {
  if (!IsTag(tag)) {
    return absl::InvalidArgumentError(
        "has a malformed tag: allowed are 1 to 128 letters, digits, '_', '.' and '-', not beginning with '.' "
        "or '-'");
  }
  if (CarriesSha(tag)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "is mutable: the tag carries no commit SHA of 6 to 40 lower-case hex digits; ", kWhatToWrite));
}

absl::StatusOr<Artifact> Parse(absl::string_view reference) {
  if (reference.empty()) return absl::InvalidArgumentError(absl::StrCat("is empty: ", kWhatToWrite));
  const size_t slash = reference.find('/');
  if (slash == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("names no registry: ", kWhatToWrite));
  }
  Artifact artifact;
  artifact.registry = std::string(reference.substr(0, slash));
  if (!IsRegistry(artifact.registry)) {
    return absl::InvalidArgumentError(
        "has a malformed registry: write a lower-case host name, with :PORT where there is one");
  }
  absl::string_view path;
  const absl::Status version = SplitVersion(reference.substr(slash + 1), path, artifact);
  if (!version.ok()) return version;
  artifact.repository = std::string(path);
  if (!IsRepository(path)) {
    return absl::InvalidArgumentError(
        "has a malformed path: write lower-case letters and digits, with '/' between the parts and '.', '_', "
        "'__' or "
        "dashes within them");
  }
  if (artifact.HasDigest()) return artifact;
  if (path.size() == reference.size() - slash - 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("is mutable: it has neither tag nor digest; ", kWhatToWrite));
  }
  const absl::Status tag = CheckTag(artifact.tag);
  if (!tag.ok()) return tag;
  return artifact;
}

}  // namespace

absl::StatusOr<Artifact> ParseArtifact(absl::string_view reference) {
  if (reference.size() > kMaxArtifact) {
    return absl::InvalidArgumentError(absl::StrCat("has ", reference.size(), " characters: at most ",
                                                   kMaxArtifact, " are allowed; use a shorter path or tag"));
  }
  absl::StatusOr<Artifact> artifact = Parse(reference);
  if (artifact.ok()) return artifact;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::Utf8SafeCHexEscape(reference), "\" ", artifact.status().message()));
}

}  // namespace release
