// The allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS), line by line: `principals [options] keytype
// base64 [comment]`.
//
// What `ssh-keygen` 9.2 does, and this too: option names are case-insensitive; a time without Z or UTC at its
// end is local, which here is UTC; valid-before is the last second that is valid; a NUL ends its line; a line
// that does not parse matches nobody, and the lines after it still count.
#ifndef FUNCTION_RELEASE_ALLOWED_SIGNERS_H_
#define FUNCTION_RELEASE_ALLOWED_SIGNERS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "function/release/ssh_key.h"

namespace release {

struct AllowedSigner {
  SshKey key;
  bool cert_authority = false;
  std::optional<std::string> namespaces;  // a pattern list; absent: all
  std::optional<absl::Time> valid_after;
  std::optional<absl::Time> valid_before;
};

// A line's first word, and the rest that only matters to those who match it.
struct SignerLine {
  std::string principals;  // a pattern list, unquoted
  absl::string_view rest;  // of the line that it was read from
};

// `line`: without its newline. nullopt for a blank line and for a comment.
absl::StatusOr<std::optional<SignerLine>> ReadPrincipals(absl::string_view line);

// The rest of a line: options, key, comment. The key may still be a point that is not on its curve.
absl::StatusOr<AllowedSigner> ReadSigner(absl::string_view rest);

}  // namespace release

#endif  // FUNCTION_RELEASE_ALLOWED_SIGNERS_H_
