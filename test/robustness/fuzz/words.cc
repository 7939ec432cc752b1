// The small grammars: artifact references (against the same grammar as a regular expression), times, times of
// the day, addresses, names of time zones.
#include <re2/re2.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "function/base/time.h"
#include "function/release/artifact.h"
#include "function/release/schedule.h"
#include "function/runner/address.h"
#include "test/robustness/fuzz/fuzz.h"

namespace {

// registry/path:TAG or registry/path@sha256:DIGEST (release/artifact.h, and the OCI distribution
// specification).
const RE2& ArtifactGrammar() {
  static const RE2* const kGrammar =
      new RE2(R"(([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?))"
              R"(/([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*))"
              R"((?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})|@(sha256:[0-9a-f]{64})))",
              RE2::Latin1);
  return *kGrammar;
}

bool HasSha(const std::string& tag) {
  static const RE2* const kSha = new RE2("(?:.*-)?[0-9a-f]{6,40}", RE2::Latin1);
  return RE2::FullMatch(tag, *kSha);
}

void CheckArtifact(absl::string_view text) {
  const absl::StatusOr<release::Artifact> artifact = release::ParseArtifact(text);
  std::string registry, repository, tag, digest;
  const bool matches = text.size() <= 512 &&
                       RE2::FullMatch(re2::StringPiece(text.data(), text.size()), ArtifactGrammar(),
                                      &registry, &repository, &tag, &digest) &&
                       (tag.empty() || HasSha(tag));
  fuzz::Check(artifact.ok() == matches, "exactly the grammar is accepted");
  if (!artifact.ok()) return;
  fuzz::Check(artifact->registry == registry && artifact->repository == repository && artifact->tag == tag &&
                  artifact->digest == digest,
              "the parts are those of the grammar");
}

void CheckTime(absl::string_view text) {
  const absl::StatusOr<absl::Time> time = base::ParseTime(text);
  if (!time.ok()) return;
  const absl::StatusOr<absl::Time> again = base::ParseTime(base::FormatTime(*time));
  // Of a year of more than four digits, which an offset can lead to, RFC 3339 has no spelling.
  const bool has_spelling = base::FormatTime(*time).size() == 20;
  fuzz::Check(!has_spelling || (again.ok() && *again == *time), "parse(format(x)) == x");
}

void CheckMinute(absl::string_view text) {
  const absl::StatusOr<int> minute = release::ParseMinuteOfDay(text);
  if (minute.ok()) fuzz::Check(*minute >= 0 && *minute < 24 * 60 && text.size() == 5, "a minute of a day");
}

void CheckAddress(absl::string_view text) {
  const absl::StatusOr<runner::Address> address = runner::ParseAddress("--address", text, /*have_ipv6=*/true);
  if (!address.ok()) {
    fuzz::Check(address.status().message().find('\n') == absl::string_view::npos, "an error is one line");
    return;
  }
  const auto again = runner::ParseAddress("--address", FormatAddress(*address), true);
  fuzz::Check(again.ok() && *again == *address, "parse(format(x)) == x");
}

void CheckZone(absl::string_view text) {
  if (!release::ValidateTimeZone(text).ok()) return;
  fuzz::Check(text.find("..") == absl::string_view::npos && text.front() != '/', "a zone is no path");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view text = fuzz::View(data, size);
  CheckArtifact(text);
  CheckTime(text);
  CheckMinute(text);
  CheckAddress(text);
  CheckZone(text);
  return 0;
}
