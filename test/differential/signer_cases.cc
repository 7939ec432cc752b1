#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "test/differential/cases.h"

namespace differential {

std::string CaseMaker::MakeSigners(const std::string& key_line, const std::string& principal, Case& result) {
  if (OneIn(4)) return absl::StrCat("* ", key_line, "\n");
  absl::StrAppend(&result.what, " signers;");
  static const std::vector<std::string> ends = {
      "\n", "\n", "\n", "\r\n", "", "\n\n", "\r", std::string(1, '\0'), "\v"};
  std::string text;
  for (size_t lines = 1 + Below(3); lines > 0; --lines) {
    const std::string line = OneIn(4) ? Any(keys_).Line() : key_line;
    absl::StrAppend(&text, OneIn(12) ? "# comment\n" : "", Line(line, principal),
                    lines > 1 ? "\n" : Any(ends));
  }
  if (OneIn(8)) {
    absl::StrAppend(&result.what, " bytes of signers;");
    text = BendBytes(text);
  }
  return text;
}

std::string CaseMaker::Blank() {
  static const std::vector<std::string> blanks = {" ",    " ",  " ",  " ",  "\t", "  ",
                                                  " \t ", "\r", "\v", "\f", ""};
  return OneIn(4) ? Any(blanks) : " ";
}

std::string CaseMaker::Line(const std::string& key_line, const std::string& principal) {
  static const std::vector<std::string> comments = {"",   "",  " alice@laptop", "\t#c", " \"",
                                                    "\r", " ", " a b c"};
  static const std::vector<std::string> starts = {" ", "\t", "\r", "#", "\v", "\""};
  const std::string options = OneIn(2) ? Options() + Blank() : "";
  return absl::StrCat(OneIn(10) ? Any(starts) : "", Principals(principal), Blank(), options,
                      KeyText(key_line), Any(comments));
}

std::string CaseMaker::Pattern(const std::string& principal) {
  static const std::vector<std::string> patterns = {"*",     "?",  "a*",  "*e",    "al?ce", "*l*c*",  "bob",
                                                    "alice", "",   "!",   "!bob",  "!*",    "!alice", "!a?",
                                                    "**",    "*?", "?*?", "*.com", "ALICE"};
  if (OneIn(30)) return std::string(OneIn(2) ? 1022 + Below(3) : 3000, OneIn(2) ? '*' : 'a');
  if (OneIn(40)) return "*" + std::string(300, '?');
  return OneIn(2) ? Any(patterns) : principal;
}

std::string CaseMaker::Principals(const std::string& principal) {
  std::vector<std::string> patterns;
  for (size_t count = 1 + (OneIn(2) ? Below(3) : 0); count > 0; --count)
    patterns.push_back(Pattern(principal));
  const std::string list = absl::StrJoin(patterns, ",");
  if (!OneIn(4)) return list;
  static const std::vector<std::string> quotes = {"\"", "\"", "\"", "", "\" ", " \"", "\\\""};
  const size_t open = OneIn(2) ? 0 : Below(list.size() + 1);
  const size_t close = OneIn(2) ? list.size() : open + Below(list.size() - open + 1);
  return absl::StrCat(list.substr(0, open), Any(quotes), list.substr(open, close - open), Any(quotes),
                      list.substr(close));
}

std::string CaseMaker::Time() {
  static const std::vector<std::string> around = {"20260101",
                                                  "202601010000",
                                                  "20260101000000",
                                                  "20260101000001",
                                                  "20251231235959",
                                                  "20251231",
                                                  "20260102",
                                                  "2025123123",
                                                  "20250101",
                                                  "20270101",
                                                  "19700101",
                                                  "19691231",
                                                  "00010101",
                                                  "99991231",
                                                  "20260231",
                                                  "20251301",
                                                  "20251200",
                                                  "20251232",
                                                  "202512312460",
                                                  "202512312359",
                                                  "20251231235960",
                                                  "20251231235961",
                                                  "20251231235962",
                                                  "2026 1 1",
                                                  "2026-1-1",
                                                  "  26 1 1",
                                                  "2025 131",
                                                  "2026010",
                                                  "202601011",
                                                  "20260101T",
                                                  "2026010100000",
                                                  "202601010000000",
                                                  "",
                                                  "Z",
                                                  "UTC",
                                                  "UTCZ",
                                                  "19700101000001",
                                                  "20260101 0 0 0",
                                                  "202601012400",
                                                  "2026010100 1",
                                                  "20251231235960"};
  static const std::vector<std::string> zones = {"", "", "Z", "Z", "z", "UTC", "utc", "ZZ", "+0100"};
  return Any(around) + Any(zones);
}

std::string CaseMaker::Option() {
  static const std::vector<std::string> namespaces = {"release-gate",
                                                      "release-*",
                                                      "git,release-gate",
                                                      "git",
                                                      "",
                                                      "*",
                                                      "!release-gate,*",
                                                      "git,!release-gate",
                                                      "release-gate,",
                                                      "a\\\"b,release-gate",
                                                      "release gate",
                                                      " release-gate"};
  static const std::vector<std::string> odd = {"cert-authority",    "Cert-Authority",       "cert-authorityx",
                                               "no-touch-required", "verify-required",      "",
                                               "namespaces",        "namespaces=",          "namespaces=git",
                                               "namespaces=\"git",  "valid-after=20200101", "x=\"y\"",
                                               "namespace=\"*\""};
  static const std::vector<std::string> after = {"valid-after=\"", "VALID-AFTER=\"", "valid-after=\\\""};
  static const std::vector<std::string> before = {"valid-before=\"", "Valid-Before=\"", "valid-before= \""};
  static const std::vector<std::string> names = {"namespaces=\"", "namespaces=\"", "NameSpaces=\""};
  switch (Below(7)) {
    case 0:
      return Any(odd);
    case 1:
    case 2:
      return (OneIn(8) ? Any(after) : after[0]) + Time() + "\"";
    case 3:
    case 4:
      return (OneIn(8) ? Any(before) : before[0]) + Time() + "\"";
    default:
      return Any(names) + Any(namespaces) + "\"";
  }
}

std::string CaseMaker::Options() {
  static const std::vector<std::string> separators = {",", ",", ",", ",", ",", ",,", ", ", " ", ""};
  std::string options = Option();
  while (OneIn(3)) absl::StrAppend(&options, Any(separators), Option());
  if (OneIn(25)) absl::StrAppend(&options, ",");
  if (OneIn(25)) options = "," + options;
  return options;
}

std::string CaseMaker::KeyText(const std::string& key_line) {
  if (!OneIn(6)) return key_line;
  static const std::vector<std::string> names = {"rsa-sha2-512",
                                                 "rsa-sha2-256",
                                                 "ssh-rsa",
                                                 "RSA",
                                                 "ssh-ed25519",
                                                 "ED25519",
                                                 "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
                                                 "ecdsa-sha2-nistp256",
                                                 "ssh-dss",
                                                 "ssh-ed25519-cert-v01@openssh.com",
                                                 "ecdsa-sha2-nistp384",
                                                 ""};
  const std::vector<std::string> words = absl::StrSplit(key_line, ' ');
  switch (Below(5)) {
    case 0:
      return absl::StrCat(Any(names), Blank(), words[1]);
    case 1:
      return absl::StrCat(words[0], Blank(), words[1]);
    case 2:
      return absl::StrCat(words[0], " ", BendBytes(words[1]));
    case 3: {
      std::string encoded = words[1];
      return absl::StrCat(words[0], " ", encoded.insert(Below(encoded.size()), Blank()));
    }
    default:
      return absl::StrCat(words[0], " ", words[1], OneIn(2) ? "=" : "A");
  }
}

}  // namespace differential
