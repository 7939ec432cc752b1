// ssh-keygen, run in a folder of its own: no home, no agent, UTC.
#ifndef TEST_DIFFERENTIAL_SSH_KEYGEN_H_
#define TEST_DIFFERENTIAL_SSH_KEYGEN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace differential {

class SshKeygen {
 public:
  SshKeygen();   // makes the folder
  ~SshKeygen();  // removes it
  SshKeygen(const SshKeygen&) = delete;
  SshKeygen& operator=(const SshKeygen&) = delete;

  // Is there an ssh-keygen on this machine?
  bool IsThere() const;

  // The exit code of `ssh-keygen -Y verify`; less than 0 where a signal ended it.
  int Verify(absl::string_view signers, absl::string_view principal, absl::string_view text,
             absl::string_view signature, absl::Time now) const;

  // Makes a key pair, and returns the public key's line ("type base64").
  std::string Generate(const std::string& name, const std::vector<std::string>& options) const;

  // The armored signature of that key.
  std::string Sign(const std::string& name, absl::string_view text, const std::string& name_space,
                   const std::string& hash) const;

 private:
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  void Write(const std::string& name, absl::string_view content) const;
  int Run(const std::vector<std::string>& arguments, const std::string& input,
          const std::string& output) const;

  std::string folder_;
};

}  // namespace differential

#endif  // TEST_DIFFERENTIAL_SSH_KEYGEN_H_
