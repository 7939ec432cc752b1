#include "function/release/artifact.h"

#include <random>
#include <regex>
#include <string>
#include <vector>

#include "test/catch.h"

namespace release {
namespace {

const std::string kHex64(64, 'a');

struct AcceptCase {
  std::string reason;
  std::string reference;
  Artifact want;
};

TEST_CASE("An immutable reference is taken apart", "[artifact]") {
  const std::vector<AcceptCase> cases = {
      {"a branch and a SHA", "ghcr.io/acme/app:main-abc123", {"ghcr.io", "acme/app", "main-abc123", ""}},
      {"a SHA alone", "ghcr.io/acme/app:0f3c9a1", {"ghcr.io", "acme/app", "0f3c9a1", ""}},
      {"a prefix with dashes of its own",
       "ghcr.io/acme/app:feature-x-abc123",
       {"ghcr.io", "acme/app", "feature-x-abc123", ""}},
      {"a version and a SHA",
       "ghcr.io/acme/app:v1.2.3-abc1234",
       {"ghcr.io", "acme/app", "v1.2.3-abc1234", ""}},
      {"a whole SHA-1",
       "ghcr.io/acme/app:sha-" + std::string(40, '0'),
       {"ghcr.io", "acme/app", "sha-" + std::string(40, '0'), ""}},
      {"a port", "localhost:5000/app:abcdef", {"localhost:5000", "app", "abcdef", ""}},
      {"a deep path with every separator",
       "r.example.org/a.b/c_d/e__f/g---h:x-abc123",
       {"r.example.org", "a.b/c_d/e__f/g---h", "x-abc123", ""}},
      {"a digest", "ghcr.io/acme/app@sha256:" + kHex64, {"ghcr.io", "acme/app", "", "sha256:" + kHex64}},
      {"the longest tag",
       "ghcr.io/app:" + std::string(121, 'x') + "-abc123",
       {"ghcr.io", "app", std::string(121, 'x') + "-abc123", ""}},
  };
  for (const AcceptCase& c : cases) {
    INFO(c.reason << ": " << c.reference);
    const absl::StatusOr<Artifact> got = ParseArtifact(c.reference);
    INFO(got.status().message());
    REQUIRE(got.ok());
    CHECK(got->registry == c.want.registry);
    CHECK(got->repository == c.want.repository);
    CHECK(got->tag == c.want.tag);
    CHECK(got->digest == c.want.digest);
  }
}

struct RefuseCase {
  std::string reason;
  std::string reference;
  std::string want;  // part of the message after the quoted reference
};

TEST_CASE("A mutable or malformed reference is refused with what to write instead", "[artifact]") {
  const std::string tag = "is mutable: the tag carries no commit SHA of 6 to 40 lower-case hex digits; ";
  const std::string use =
      "use registry/path:TAG with a tag that is or ends in a commit SHA (main-abc123), or "
      "registry/path@sha256:DIGEST";
  const std::string bad_tag =
      "has a malformed tag: allowed are 1 to 128 letters, digits, '_', '.' and '-', not beginning with '.' "
      "or '-'";
  const std::string bad_digest = "has a malformed digest: write @sha256: and 64 lower-case hex digits";
  const std::string bad_registry =
      "has a malformed registry: write a lower-case host name, with :PORT where there is one";
  const std::string bad_path =
      "has a malformed path: write lower-case letters and digits, with '/' between the parts and '.', '_', "
      "'__' or "
      "dashes within them";
  const std::vector<RefuseCase> cases = {
      {"latest moves", "ghcr.io/acme/app:latest", tag + use},
      {"a branch moves", "ghcr.io/acme/app:main", tag + use},
      {"a version can be moved", "ghcr.io/acme/app:v1.2.3", tag + use},
      {"five digits are too few for a SHA", "ghcr.io/acme/app:main-abc12", tag + use},
      {"41 digits are too many", "ghcr.io/acme/app:" + std::string(41, 'a'), tag + use},
      {"a SHA is lower-case", "ghcr.io/acme/app:main-ABC123", tag + use},
      {"the SHA comes last", "ghcr.io/acme/app:abc123-main", tag + use},
      {"a dot does not set a SHA apart", "ghcr.io/acme/app:main.abc123", tag + use},
      {"no tag is latest", "ghcr.io/acme/app", "is mutable: it has neither tag nor digest; " + use},
      {"an empty tag", "ghcr.io/acme/app:", bad_tag},
      {"a tag begins with no dash", "ghcr.io/acme/app:-abc123", bad_tag},
      {"129 characters are too many for a tag", "ghcr.io/app:" + std::string(122, 'x') + "-abc123", bad_tag},
      {"a digest of 63 digits", "ghcr.io/acme/app@sha256:" + kHex64.substr(1), bad_digest},
      {"another hash", "ghcr.io/acme/app@sha512:" + kHex64, bad_digest},
      {"an upper-case digest", "ghcr.io/acme/app@sha256:" + std::string(64, 'A'), bad_digest},
      {"a tag beside a digest says the same thing twice, and maybe not the same",
       "ghcr.io/acme/app:main-abc123@sha256:" + kHex64,
       "has a tag and a digest: leave the tag out, the digest says it all"},
      {"a registry is needed, none is the default", "app:main-abc123", "names no registry: " + use},
      {"an upper-case registry", "GHCR.io/acme/app:main-abc123", bad_registry},
      {"a port of six digits", "ghcr.io:123456/app:main-abc123", bad_registry},
      {"a port that is none", "ghcr.io:/app:main-abc123", bad_registry},
      {"an upper-case path", "ghcr.io/Acme/app:main-abc123", bad_path},
      {"an empty path component", "ghcr.io//app:main-abc123", bad_path},
      {"three underscores", "ghcr.io/a___b:main-abc123", bad_path},
      {"two kinds of separators side by side", "ghcr.io/a._b:main-abc123", bad_path},
      {"no path", "ghcr.io/:main-abc123", bad_path},
      {"a blank", "ghcr.io/acme/app:main-abc123 ", bad_tag},
  };
  for (const RefuseCase& c : cases) {
    INFO(c.reason);
    const absl::StatusOr<Artifact> got = ParseArtifact(c.reference);
    REQUIRE_FALSE(got.ok());
    CHECK(got.status().message() == "\"" + c.reference + "\" " + c.want);
  }
  CHECK(ParseArtifact("").status().message() == "\"\" is empty: " + use);
  CHECK(ParseArtifact("ghcr.io/" + std::string(505, 'a')).status().message() ==
        "has 513 characters: at most 512 are allowed; use a shorter path or tag");
  CHECK(ParseArtifact("ghcr.io/a\nb:abc123").status().message() == "\"ghcr.io/a\\nb:abc123\" " + bad_path);
}

TEST_CASE("The parser and the XRD's expression accept the same references", "[artifact]") {
  // The XRD has the expression, and in a second one that a tag has at most 128 characters.
  const std::regex grammar(
      "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)+"
      "(:([A-Za-z0-9_][A-Za-z0-9_.-]*-)?[0-9a-f]{6,40}|@sha256:[0-9a-f]{64})$");
  const std::regex long_tag(":[A-Za-z0-9_.-]{129}");
  const std::vector<std::string> parts = {"a",
                                          "b9",
                                          "0",
                                          "Z",
                                          ".",
                                          "_",
                                          "-",
                                          "/",
                                          "/",
                                          ":",
                                          "@",
                                          "__",
                                          "--",
                                          "abc123",
                                          ":5000",
                                          "@sha256:",
                                          kHex64,
                                          std::string(40, 'f'),
                                          ":main-abc123",
                                          "ghcr.io/acme/app",
                                          "ghcr.io/",
                                          ":x",
                                          std::string(88, 'c'),
                                          "\n",
                                          " "};
  constexpr unsigned kSeed = 20260102;
  std::mt19937 random(kSeed);
  int accepted = 0;
  for (int i = 0; i < 40000; ++i) {
    std::string reference = random() % 2 ? "ghcr.io/acme/app" : "";
    for (unsigned n = random() % 7; n > 0; --n) reference += parts[random() % parts.size()];
    if (random() % 3 == 0) reference += ":main-abc123";
    const bool want = reference.size() <= 512 && std::regex_search(reference, grammar) &&
                      !std::regex_search(reference, long_tag);
    accepted += want;
    INFO("seed " << kSeed << ", reference " << reference);
    REQUIRE(ParseArtifact(reference).ok() == want);
  }
  INFO("references of both kinds have to come up");
  CHECK(accepted > 1000);
  CHECK(accepted < 39000);
}

}  // namespace
}  // namespace release
