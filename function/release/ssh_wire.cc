#include "function/release/ssh_wire.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace release {
namespace {

constexpr size_t kMaxMpintBytes = 2048;

uint8_t Unsigned(char c) { return static_cast<uint8_t>(c); }

// The six bits that a character of the alphabet stands for; -1 for every other one.
int SixBits(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

// Is this what may stand at the end of `digits` digits: the padding that completes four, and white space?
bool IsPadding(absl::string_view rest, size_t digits) {
  size_t signs = 0;
  for (const char c : rest) {
    if (absl::ascii_isspace(Unsigned(c))) continue;
    if (c != '=') return false;
    ++signs;
  }
  return digits % 4 == 0 ? signs == 0 : digits % 4 + signs == 4 && signs <= 2;
}

}  // namespace

std::optional<uint8_t> SshReader::Byte() {
  if (bytes_.empty()) return std::nullopt;
  const uint8_t value = Unsigned(bytes_[0]);
  bytes_.remove_prefix(1);
  return value;
}

std::optional<uint32_t> SshReader::Uint32() {
  if (bytes_.size() < 4) return std::nullopt;
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | Unsigned(bytes_[i]);
  bytes_.remove_prefix(4);
  return value;
}

std::optional<absl::string_view> SshReader::String() {
  SshReader ahead = *this;
  const std::optional<uint32_t> size = ahead.Uint32();
  if (!size || ahead.bytes_.size() < *size) return std::nullopt;
  const absl::string_view value = ahead.bytes_.substr(0, *size);
  bytes_ = ahead.bytes_.substr(*size);
  return value;
}

std::optional<absl::string_view> SshReader::Text() {
  SshReader ahead = *this;
  std::optional<absl::string_view> value = ahead.String();
  if (!value) return std::nullopt;
  const size_t nul = value->find('\0');
  if (nul != absl::string_view::npos) {
    if (nul + 1 != value->size()) return std::nullopt;
    value->remove_suffix(1);
  }
  *this = ahead;
  return value;
}

std::optional<absl::string_view> SshReader::Mpint() {
  SshReader ahead = *this;
  std::optional<absl::string_view> value = ahead.String();
  if (!value) return std::nullopt;
  const uint8_t first = value->empty() ? 0 : Unsigned((*value)[0]);
  const bool negative = (first & 0x80) != 0;
  const bool too_large = value->size() > kMaxMpintBytes + 1 || (value->size() > kMaxMpintBytes && first != 0);
  if (negative || too_large) return std::nullopt;
  while (!value->empty() && value->front() == '\0') value->remove_prefix(1);
  *this = ahead;
  return value;
}

std::optional<std::string> DecodeBase64(absl::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  size_t digits = 0;
  size_t at = 0;
  for (; at < text.size() && text[at] != '='; ++at) {
    if (absl::ascii_isspace(Unsigned(text[at]))) continue;
    const int value = SixBits(text[at]);
    if (value < 0) return std::nullopt;
    bits = (bits << 6 | static_cast<uint32_t>(value)) & 0xffff;
    const size_t position = digits++ % 4;
    if (position > 0) bytes.push_back(static_cast<char>(bits >> (6 - 2 * position) & 0xff));
  }
  if (!IsPadding(text.substr(at), digits)) return std::nullopt;
  const uint32_t left_over = digits % 4 == 2 ? bits & 0xf : digits % 4 == 3 ? bits & 0x3 : 0;
  if (left_over != 0) return std::nullopt;
  return bytes;
}

std::string SshUint32(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift & 0xff));
  return bytes;
}

std::string SshString(absl::string_view bytes) {
  return absl::StrCat(SshUint32(static_cast<uint32_t>(bytes.size())), bytes);
}

std::string SshMpint(absl::string_view magnitude) {
  const bool needs_zero = !magnitude.empty() && (Unsigned(magnitude[0]) & 0x80) != 0;
  return SshString(needs_zero ? absl::StrCat(absl::string_view("\0", 1), magnitude) : std::string(magnitude));
}

}  // namespace release
