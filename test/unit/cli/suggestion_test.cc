#include "function/cli/suggestion.h"

#include "test/catch.h"

namespace cli {
namespace {

TEST_CASE("edit distance") {
  struct Case {
    const char* a;
    const char* b;
    int want;
    const char* reason;
  };
  const Case cases[] = {{"", "", 0, "nothing"},
                        {"serve", "serve", 0, "the same"},
                        {"serv", "serve", 1, "a letter is missing"},
                        {"sserve", "serve", 1, "a letter too many"},
                        {"sexve", "serve", 1, "another letter"},
                        {"previwe", "preview", 1, "two letters swapped"},
                        {"wyh", "why", 1, "two letters swapped"},
                        {"ca", "abc", 3, "what was swapped is not changed again"},
                        {"", "abc", 3, "all are missing"}};
  for (const Case& c : cases) {
    INFO(c.reason);
    CHECK(EditDistance(c.a, c.b) == c.want);
    CHECK(EditDistance(c.b, c.a) == c.want);
  }
}

TEST_CASE("suggestions") {
  const std::vector<std::string> words = {"serve", "preview", "gate"};
  struct Case {
    const char* typed;
    const char* want;
    const char* reason;
  };
  const Case cases[] = {{"previwe", "preview", "two letters swapped"},
                        {"gat", "gate", "one letter is missing"},
                        {"server", "serve", "one letter too many"},
                        {"xyz", "", "nothing like it"},
                        {"audit", "", "as long as a word, and another one"},
                        {"", "", "nothing typed"},
                        {"prev", "preview", "the beginning"},
                        {"pr", "", "too little of it"}};
  for (const Case& c : cases) {
    INFO(c.typed << ": " << c.reason);
    CHECK(Suggest(c.typed, words) == c.want);
  }
  CHECK(Suggest("allowed", {"allowed-signers", "allowed-artifacts"}).empty());  // the beginning of two
}

}  // namespace
}  // namespace cli
