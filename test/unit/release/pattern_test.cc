#include "function/release/pattern.h"

#include <random>
#include <string>
#include <vector>

#include "test/catch.h"

namespace release {
namespace {

TEST_CASE("A pattern list matches as OpenSSH's does") {
  struct Case {
    std::string name;
    std::string reason;
    std::string text;
    std::string list;
    bool matches;
  };
  const std::string longest(kMaxPattern, '*');
  const std::vector<Case> cases = {
      {"same", "a pattern without wildcards is itself", "alice", "alice", true},
      {"case", "upper and lower case differ", "alice", "Alice", false},
      {"beginning", "a pattern matches all of the text", "alice", "ali", false},
      {"star", "a star is any text", "alice@example.com", "*@example.com", true},
      {"star, none", "also none", "alice", "alice*", true},
      {"two stars", "each takes what it needs", "alice@example.com", "a*@*.com", true},
      {"star goes back", "the first place that fits need not be the right one", "aab", "*ab", true},
      {"question mark", "one byte", "alice", "al?ce", true},
      {"question mark, none", "not none", "alic", "alic?", false},
      {"star and question mark", "at least one byte", "", "*?", false},
      {"literal star in the text", "wildcards are the pattern's", "*", "alice", false},
      {"second", "one of the list is enough", "bob", "alice,bob", true},
      {"negated", "a negated match ends it", "bob", "*,!bob", false},
      {"negated first", "wherever it stands", "bob", "!bob,*", false},
      {"negated, another", "who is not excluded still has to be listed", "alice", "!bob", false},
      {"negated, another, and listed", "as here", "alice", "!bob,*", true},
      {"empty list", "lists nobody", "alice", "", false},
      {"empty pattern", "matches empty text only", "alice", "bob,,carol", false},
      {"empty pattern, empty text", "as here", "", "bob,,carol", true},
      {"blank", "is a character like others", "alice", "bob, alice", false},
      {"longest", "1022 bytes are allowed", "alice", longest, true},
      {"too long", "one more matches nobody", "alice", longest + "*", false},
      {"too long behind a match", "it ends the list, matched or not", "alice", "alice," + longest + "*",
       false},
      {"too long behind a !", "the ! does not count", "alice", "alice,!" + longest.substr(1) + "x", true},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CHECK(MatchesPatternList(c.text, c.list) == c.matches);
  }
}

// As one would write it down.
bool Matches(absl::string_view text, absl::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return Matches(text, pattern.substr(1)) || (!text.empty() && Matches(text.substr(1), pattern));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         Matches(text.substr(1), pattern.substr(1));
}

TEST_CASE("Patterns of few letters match as one would write it down") {
  std::mt19937 random(7);
  const auto any = [&](absl::string_view letters, size_t longest) {
    std::string text(random() % (longest + 1), ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    return text;
  };
  int matches = 0;
  for (int i = 0; i < 200000; ++i) {
    const std::string text = any("ab", 12), pattern = any("ab?**", 8);
    INFO(text << " and " << pattern);
    REQUIRE(MatchesPattern(text, pattern) == Matches(text, pattern));
    matches += MatchesPattern(text, pattern) ? 1 : 0;
  }
  CHECK(matches > 10000);
}

TEST_CASE("What is between two stars may have hundreds of bytes") {
  for (const size_t size : {63, 64, 65, 127, 128, 129, 500}) {
    INFO(size);
    std::string piece(size, 'a');
    piece[size / 2] = '?';
    piece.back() = 'b';
    const std::string pattern = "*" + piece + "*c";
    const std::string fits = std::string(size - 1, 'a') + "b";
    CHECK(MatchesPattern("aaa" + fits + "xc", pattern));
    CHECK(MatchesPattern(fits + "c", pattern));
    CHECK_FALSE(MatchesPattern(fits.substr(1) + "xxc", pattern));
    CHECK_FALSE(MatchesPattern("aaa" + fits, pattern));
    CHECK_FALSE(MatchesPattern(std::string(1000, 'a') + "c", pattern));
  }
}

TEST_CASE("Wildcards cost no more than the product of the lengths") {
  // A matcher that tries every place for every star would not end.
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  CHECK_FALSE(MatchesPatternList(std::string(1000, 'a'), pattern + "b"));
  CHECK(MatchesPatternList(std::string(1000, 'a'), pattern));
}

}  // namespace
}  // namespace release
