// The SSH wire encoding (RFC 4251, section 5) and its base64, as far as keys and signatures need it.
#ifndef FUNCTION_RELEASE_SSH_WIRE_H_
#define FUNCTION_RELEASE_SSH_WIRE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace release {

// Reads one value after the other from bytes that it does not own. What does not fit is nullopt; nothing is
// read then.
class SshReader {
 public:
  explicit SshReader(absl::string_view bytes) : bytes_(bytes) {}

  bool AtEnd() const { return bytes_.empty(); }
  std::optional<uint8_t> Byte();
  std::optional<uint32_t> Uint32();
  std::optional<absl::string_view> String();

  // A string that is text: OpenSSH takes one NUL at its end, and drops it; a NUL elsewhere is malformed.
  std::optional<absl::string_view> Text();

  // A natural number without its leading zeros (so "" is 0). Negative ones and those over 16,384 bits are
  // malformed.
  std::optional<absl::string_view> Mpint();

 private:
  absl::string_view bytes_;
};

// Base64 as OpenSSH reads it (RFC 4648, section 4): white space is skipped anywhere, padding must be
// complete, the bits that it leaves over must be zero.
std::optional<std::string> DecodeBase64(absl::string_view text);

std::string SshUint32(uint32_t value);
std::string SshString(absl::string_view bytes);

// `magnitude`: big-endian, without leading zeros.
std::string SshMpint(absl::string_view magnitude);

}  // namespace release

#endif  // FUNCTION_RELEASE_SSH_WIRE_H_
