#include "function/release/allowed_signers.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "function/release/signature.h"
#include "test/catch.h"
#include "test/support/source_dir.h"

namespace release {
namespace {

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

std::string Line(const std::string& name) {
  return std::string(absl::StripSuffix(Golden(name + ".pub"), "\n"));
}

// KEY, OTHER and BLOB stand for the key that signs, another key, and the base64 of the one that signs.
std::string Signers(const std::string& text) {
  const std::string key = Line("ed25519-sha512");
  return absl::StrReplaceAll(text, {{"KEY", key},
                                    {"OTHER", Line("sk-ed25519")},
                                    {"BLOB", key.substr(key.find(' ') + 1)},
                                    {"NUL", std::string(1, '\0')}});
}

std::string Verdict(const std::string& signers, const std::string& principal) {
  return std::string(
      Reason(CheckSignature(Signers(signers), principal, kText, Golden("ed25519-sha512.sig"), kNow).check));
}

struct Case {
  std::string name;
  std::string reason;
  std::string signers;
  std::string verdict;
};

void CheckAll(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason << ": " << c.signers);
    CHECK(Verdict(c.signers, "alice") == c.verdict);
  }
}

TEST_CASE("Who is listed may sign") {
  CheckAll({
      {"listed", "name and key", "alice KEY", ""},
      {"nobody", "an empty file", "", "SignerNotAllowed"},
      {"another name", "the key is bob's", "bob KEY", "SignerNotAllowed"},
      {"another key", "the name has another key", "alice OTHER", "SignerNotAllowed"},
      {"name and key on two lines", "one line must have both", "alice OTHER\nbob KEY", "SignerNotAllowed"},
      {"second line", "any line will do", "alice OTHER\nalice KEY", ""},
      {"several names", "a list", "bob,alice KEY", ""},
      {"wildcard", "a pattern", "al* KEY", ""},
      {"excluded", "a negated pattern wins", "!alice,* KEY", "SignerNotAllowed"},
      {"excluded on another line", "a line is for itself", "!alice,* KEY\nalice KEY", ""},
      {"comment", "behind the key anything may stand", "alice KEY alice@laptop \"x", ""},
      {"commented out", "a line that begins with # is none", "#alice KEY\n # alice KEY", "SignerNotAllowed"},
      {"cert-authority", "certificates are not supported", "alice cert-authority KEY", "SignerNotAllowed"},
      {"cert-authority beside", "the other line still counts", "alice cert-authority KEY\nalice KEY", ""},
  });
}

TEST_CASE("A principal is matched, not looked up") {
  CHECK(Verdict("alice KEY", "Alice") == "SignerNotAllowed");
  // As ssh-keygen 9.2; that an approver has a name is the API's to ask for.
  CHECK(Verdict("* KEY", "") == "");
  CHECK(Verdict("alice KEY", "") == "SignerNotAllowed");
  CHECK(Verdict("* KEY", std::string("alice\0", 6)) == "SignerNotAllowed");
  CHECK(Verdict("\"alice b\" KEY", "alice b") == "");
  CHECK(Verdict("alice,b KEY", "alice,b") == "SignerNotAllowed");
  CHECK(Verdict("alice?b KEY", "alice,b") == "");
}

TEST_CASE("White space and quotes are those of ssh-keygen") {
  CheckAll({
      {"blanks", "before and between the words", " \t alice \t KEY\t", ""},
      {"CRLF", "the end of a line may have one", "alice KEY\r\n", ""},
      {"blank lines", "they are skipped", "\n \n\t\r\n\nalice KEY", ""},
      // Found by the differential test.
      {"carriage return in front", "it ends an empty first word", "\ralice KEY", "SignerNotAllowed"},
      {"vertical tab in front", "it is part of the name", "\valice KEY", "SignerNotAllowed"},
      {"carriage return behind the name", "it separates there", "alice\rKEY", ""},
      {"vertical tab before the key", "it does not separate", "alice \vKEY", "SignerNotAllowed"},
      {"NUL", "it ends its line only", "aliceNUL KEY\nalice KEYNUL x", ""},
      {"NUL before the key", "the line has no key", "alice NULKEY", "SignerNotAllowed"},
      {"quoted", "quotes are taken off", "\"alice\" KEY", ""},
      {"quoted in part", "what stands before them stays", "al\"ice\" KEY", ""},
      {"text behind the quote", "it begins the next word", "\"ali\"ce KEY", "SignerNotAllowed"},
      {"no blank behind the quote", "it needs none", "\"alice\"KEY", ""},
      {"open quote", "the line is malformed", "\"alice KEY", "SignerNotAllowed"},
      {"base64 with white space", "it is skipped, but for blanks", "alice ssh-ed25519 \rBLOB\v", ""},
      {"base64 in two words", "the second is a comment", "alice ssh-ed25519 AAAA BLOB", "SignerNotAllowed"},
      {"no key type", "it must be there", "alice BLOB", "SignerNotAllowed"},
      {"key type in capitals", "names are exact", "alice SSH-ED25519 BLOB", "SignerNotAllowed"},
      {"another key type", "it must be the key's", "alice ssh-rsa BLOB", "SignerNotAllowed"},
      {"malformed line before", "it is skipped", "alice\nalice x y z\n\"\nalice KEY", ""},
  });
}

TEST_CASE("Options restrict a line") {
  CheckAll({
      {"namespace", "this one", "alice namespaces=\"release-gate\" KEY", ""},
      {"namespaces", "a pattern list", "alice namespaces=\"git,release-*\" KEY", ""},
      {"other namespace", "the key is for something else", "alice namespaces=\"git\" KEY", "WrongNamespace"},
      {"excluded namespace", "a negated pattern wins", "alice namespaces=\"*,!release-gate\" KEY",
       "WrongNamespace"},
      {"no namespace", "an empty list lists nothing", "alice namespaces=\"\" KEY", "WrongNamespace"},
      {"other namespace, another line", "any line will do", "alice namespaces=\"git\" KEY\nalice KEY", ""},
      {"other namespace of another key", "it says nothing of this one", "alice namespaces=\"git\" OTHER",
       "SignerNotAllowed"},
      {"name in capitals", "names of options are not exact", "alice NameSpaces=\"git\" KEY",
       "WrongNamespace"},
      {"not quoted", "values are", "alice namespaces=release-gate KEY", "SignerNotAllowed"},
      {"escaped quote", "part of the value", "alice namespaces=\"a\\\"b,release-gate\" KEY", ""},
      {"blank in the value", "quotes keep it", "alice namespaces=\"a b,release-gate\" KEY", ""},
      {"open quote", "the line is malformed", "alice namespaces=\"git KEY", "SignerNotAllowed"},
      {"twice", "the line is malformed", "alice namespaces=\"*\",namespaces=\"*\" KEY", "SignerNotAllowed"},
      {"unknown", "what it would restrict is unknown", "alice verify-required KEY", "SignerNotAllowed"},
      {"two commas", "nothing between them is nothing", "alice ,,namespaces=\"*\" KEY", ""},
      {"comma at the end", "the line is malformed", "alice namespaces=\"*\", KEY", "SignerNotAllowed"},
      {"blank behind the comma", "it ends the options", "alice namespaces=\"*\", valid-after=\"2025\" KEY",
       "SignerNotAllowed"},
      {"text behind cert-authority", "no such option", "alice cert-authorityx KEY", "SignerNotAllowed"},
  });
}

TEST_CASE("Times restrict a line") {
  CheckAll({
      {"after", "it has begun", "alice valid-after=\"20250101\" KEY", ""},
      {"after, now", "the first second counts", "alice valid-after=\"20260101000000Z\" KEY", ""},
      {"after, a second late", "it has not begun", "alice valid-after=\"20260101000001Z\" KEY",
       "SignerExpired"},
      {"before, now", "the last second counts", "alice valid-before=\"20260101000000Z\" KEY", ""},
      {"before, a second early", "it has ended", "alice valid-before=\"20251231235959Z\" KEY",
       "SignerExpired"},
      {"between", "both", "alice valid-after=\"20250101\",valid-before=\"20270101\" KEY", ""},
      {"never", "the end is before the beginning: malformed",
       "alice valid-after=\"20270101\",valid-before=\"20250101\" KEY", "SignerNotAllowed"},
      {"empty time", "the end is the beginning: malformed",
       "alice valid-after=\"20250101\",valid-before=\"20250101\" KEY", "SignerNotAllowed"},
      {"twice", "malformed", "alice valid-after=\"20250101\",valid-after=\"20250101\" KEY",
       "SignerNotAllowed"},
      {"local time", "is UTC here", "alice valid-after=\"202601010000\" KEY", ""},
      {"UTC by name", "as Z", "alice valid-after=\"202601010000utc\" KEY", ""},
      {"day that is none", "February 31 is March 3",
       "alice valid-before=\"20260231Z\",valid-after=\"20260302Z\" KEY", "SignerExpired"},
      {"leap second", "23:59:60 is the next midnight", "alice valid-after=\"20251231235960Z\" KEY", ""},
      {"second 62", "there is none", "alice valid-after=\"20251231235962Z\" KEY", "SignerNotAllowed"},
      {"hour 24", "there is none", "alice valid-after=\"2025123124\" KEY", "SignerNotAllowed"},
      {"month 13", "there is none", "alice valid-after=\"20251301\" KEY", "SignerNotAllowed"},
      {"blanks for zeros", "strptime takes them", "alice valid-after=\"2026 1 1\" KEY", ""},
      {"RFC 3339", "another format", "alice valid-after=\"2025-01-01T00:00:00Z\" KEY", "SignerNotAllowed"},
      {"offset", "another format", "alice valid-after=\"20250101+0100\" KEY", "SignerNotAllowed"},
      {"epoch", "OpenSSH has no time 0", "alice valid-after=\"19700101Z\" KEY", "SignerNotAllowed"},
      {"before the epoch", "nor one before it", "alice valid-after=\"19691231Z\" KEY", "SignerNotAllowed"},
      {"no time", "an empty value", "alice valid-after=\"\" KEY", "SignerNotAllowed"},
  });
}

TEST_CASE("Of several reasons the one that is closest to valid is given") {
  CheckAll({
      {"expired and other namespace", "the key is for this namespace, and expired",
       "alice namespaces=\"git\" KEY\nalice valid-before=\"20250101Z\" KEY", "SignerExpired"},
      {"expired for another namespace", "the line is not for this one at all",
       "alice namespaces=\"git\",valid-before=\"20250101Z\" KEY", "WrongNamespace"},
      {"expired, and renewed", "the other line is valid", "alice valid-before=\"20250101Z\" KEY\nalice KEY",
       ""},
      {"expired for bob", "says nothing of alice", "bob valid-before=\"20250101Z\" KEY", "SignerNotAllowed"},
  });
}

TEST_CASE("A file that does not hold is refused, with the line") {
  struct Invalid {
    std::string name;
    std::string signers;
    std::string message;
  };
  const std::string types =
      " is no supported key type: ssh-ed25519, ecdsa-sha2-nistp256, -384, -521, ssh-rsa, "
      "sk-ssh-ed25519@openssh.com "
      "and sk-ecdsa-sha2-nistp256@openssh.com are";
  const std::vector<Invalid> cases = {
      {"good",
       "# signers\n\nalice,bob namespaces=\"git,release-gate\",valid-before=\"20270101Z\" KEY x\n*@b.c "
       "OTHER\n",
       ""},
      {"empty", "", ""},
      {"CRLF", "alice KEY\r\n\r\n# x\r\n", ""},
      {"name alone", "alice KEY\nbob", "line 2: the key is missing"},
      {"no key", "alice namespaces=\"git\"", "line 1: the key is missing"},
      {"type alone", "alice ssh-ed25519", "line 1: the key is missing"},
      {"DSA", "alice ssh-dss AAAA", "line 1: \"ssh-dss\"" + types},
      {"certificate", "alice ssh-ed25519-cert-v01@openssh.com AAAA",
       "line 1: \"ssh-ed25519-cert-v01@openssh.com\"" + types},
      {"cert-authority", "alice cert-authority KEY",
       "line 1: cert-authority is not supported: list the keys of the signers themselves"},
      {"base64", "alice ssh-ed25519 AAA", "line 1: the key is not base64"},
      {"cut key", "alice ssh-ed25519 AAAA", "line 1: the key is malformed: it does not begin with its type"},
      {"key of another type", "alice ssh-rsa BLOB",
       "line 1: the key is of type ssh-ed25519, and the line says another one"},
      {"point not on the curve",
       "alice ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAAADBAEC",
       "line 1: the key is malformed: its point is not on its curve"},
      {"option", "alice no-touch-required KEY",
       "line 1: \"no-touch-required\" is no option: namespaces=, valid-after= and valid-before= are "
       "supported"},
      {"time", "alice valid-after=\"2026-01-01\" KEY",
       "line 1: \"2026-01-01\" is no time for valid-after: write it as YYYYMMDD, YYYYMMDDHHMM or "
       "YYYYMMDDHHMMSS, with a "
       "Z at the end"},
      {"times", "alice valid-after=\"20270101\",valid-before=\"20260101\" KEY",
       "line 1: valid-before is not after valid-after"},
      {"quotes", "alice namespaces=git KEY", "line 1: the value of namespaces must be in double quotes"},
      {"open quote", "alice namespaces=\"git KEY", "line 1: a quote of the options is left open"},
      {"open quote of the principals", "\"alice KEY", "line 1: a quote of the principals is left open"},
      {"no principals", "\"\" KEY", "line 1: the principals are empty"},
      {"long principal", absl::StrCat(std::string(1023, 'a'), " KEY"),
       "line 1: a principal has more than 1022 bytes"},
      {"comma", "alice namespaces=\"git\", KEY", "line 1: the options end in a comma"},
      {"NUL", "alice KEYNUL", "line 1: it has a NUL byte"},
      {"too long", std::string(kMaxAllowedSignersBytes + 1, '\n'),
       "the text has 65537 bytes: at most 65536 are allowed"},
  };
  for (const Invalid& c : cases) {
    INFO(c.name);
    CHECK(std::string(ValidateAllowedSigners(Signers(c.signers)).message()) == c.message);
  }
}

TEST_CASE("A file of the largest size is read in linear time, and one above is refused") {
  const std::string line = Signers("alice KEY\n");
  std::string signers;
  while (signers.size() + 2 * line.size() < kMaxAllowedSignersBytes) signers += Signers("alice OTHER\n");
  signers += line;
  CHECK(Verdict(signers, "alice") == "");
  CHECK(Verdict(signers + std::string(kMaxAllowedSignersBytes - signers.size(), '\n'), "alice") == "");
  CHECK(Verdict(signers + std::string(kMaxAllowedSignersBytes - signers.size() + 1, '\n'), "alice") ==
        "SignatureInvalid");
}

}  // namespace
}  // namespace release
