#include "function/release/pattern.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/strip.h"

namespace release {
namespace {

// A piece is a part of a pattern that has no `*`.
bool Fits(absl::string_view text, absl::string_view piece) {
  return std::equal(piece.begin(), piece.end(), text.begin(), text.end(),
                    [](char p, char t) { return p == '?' || p == t; });
}

// Where the first part of the text that fits ends; npos where none does. Shift-And (Baeza-Yates and Gonnet,
// 1992): a bit of `state` says that the piece fits as far as this bit, up to the byte of the text that was
// last.
size_t EndOfFirstFit(absl::string_view text, absl::string_view piece) {
  constexpr size_t kBits = 64;
  if (piece.empty()) return 0;
  if (piece.size() > text.size()) return absl::string_view::npos;
  const size_t words = (piece.size() + kBits - 1) / kBits;
  std::vector<uint64_t> fitting(256 * words), fitting_any(words), state(words);
  for (size_t i = 0; i < piece.size(); ++i) {
    const uint64_t bit = uint64_t{1} << i % kBits;
    const auto byte = static_cast<unsigned char>(piece[i]);
    (piece[i] == '?' ? fitting_any[i / kBits] : fitting[byte * words + i / kBits]) |= bit;
  }
  const uint64_t last_bit = uint64_t{1} << (piece.size() - 1) % kBits;
  for (size_t t = 0; t < text.size(); ++t) {
    const uint64_t* fits = &fitting[static_cast<unsigned char>(text[t]) * words];
    uint64_t carry = 1;
    for (size_t w = 0; w < words; ++w) {
      const uint64_t shifted = state[w] << 1 | carry;
      carry = state[w] >> (kBits - 1);
      state[w] = shifted & (fits[w] | fitting_any[w]);
    }
    if ((state.back() & last_bit) != 0) return t + 1;
  }
  return absl::string_view::npos;
}

}  // namespace

bool MatchesPattern(absl::string_view text, absl::string_view pattern) {
  size_t star = pattern.find('*');
  if (star == absl::string_view::npos) return Fits(text, pattern);
  if (!Fits(text.substr(0, star), pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  // What is between two stars is as well where it first fits as anywhere later.
  while ((star = pattern.find('*')) != absl::string_view::npos) {
    const size_t end = EndOfFirstFit(text, pattern.substr(0, star));
    if (end == absl::string_view::npos) return false;
    text.remove_prefix(end);
    pattern.remove_prefix(star + 1);
  }
  return text.size() >= pattern.size() && Fits(text.substr(text.size() - pattern.size()), pattern);
}

bool MatchesPatternList(absl::string_view text, absl::string_view list) {
  bool matches = false;
  while (!list.empty()) {
    const bool negated = absl::ConsumePrefix(&list, "!");
    const absl::string_view pattern = list.substr(0, list.find(','));
    if (pattern.size() > kMaxPattern) return false;
    list.remove_prefix(pattern.size());
    absl::ConsumePrefix(&list, ",");
    if (!MatchesPattern(text, pattern)) continue;
    if (negated) return false;
    matches = true;
  }
  return matches;
}

}  // namespace release
