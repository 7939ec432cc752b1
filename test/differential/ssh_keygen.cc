#include "test/differential/ssh_keygen.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace differential {
namespace {

constexpr char kProgram[] = "ssh-keygen";

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

SshKeygen::SshKeygen() {
  std::string pattern = (std::filesystem::temp_directory_path() / "ssh-keygen-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  folder_ = pattern;
}

SshKeygen::~SshKeygen() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

bool SshKeygen::IsThere() const {
  for (const absl::string_view folder : absl::StrSplit(std::getenv("PATH") ? std::getenv("PATH") : "", ':')) {
    if (access(absl::StrCat(folder, "/", kProgram).c_str(), X_OK) == 0) return true;
  }
  return false;
}

int SshKeygen::Verify(absl::string_view signers, absl::string_view principal, absl::string_view text,
                      absl::string_view signature, absl::Time now) const {
  Write("signers", signers);
  Write("text", text);
  Write("signature", signature);
  return Run({"-Y", "verify", "-f", Path("signers"), "-I", std::string(principal), "-n", "release-gate", "-s",
              Path("signature"), "-O",
              absl::StrCat("verify-time=", absl::FormatTime("%Y%m%d%H%M%SZ", now, absl::UTCTimeZone()))},
             Path("text"), "/dev/null");
}

std::string SshKeygen::Generate(const std::string& name, const std::vector<std::string>& options) const {
  std::vector<std::string> arguments = {"-q", "-N", "", "-C", "", "-f", Path(name)};
  arguments.insert(arguments.end(), options.begin(), options.end());
  if (Run(arguments, "/dev/null", "/dev/null") != 0) throw std::runtime_error("ssh-keygen cannot make a key");
  const std::vector<std::string> words = absl::StrSplit(Read(Path(name) + ".pub"), absl::ByAnyChar(" \n"));
  return absl::StrCat(words.at(0), " ", words.at(1));
}

std::string SshKeygen::Sign(const std::string& name, absl::string_view text, const std::string& name_space,
                            const std::string& hash) const {
  Write("text", text);
  if (Run({"-Y", "sign", "-q", "-f", Path(name), "-n", name_space, "-O", "hashalg=" + hash}, Path("text"),
          Path("signed")) != 0) {
    throw std::runtime_error("ssh-keygen cannot sign");
  }
  return Read(Path("signed"));
}

void SshKeygen::Write(const std::string& name, absl::string_view content) const {
  std::ofstream file(Path(name), std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
}

int SshKeygen::Run(const std::vector<std::string>& arguments, const std::string& input,
                   const std::string& output) const {
  std::vector<std::string> words = {kProgram};
  words.insert(words.end(), arguments.begin(), arguments.end());
  // Nothing of the caller's environment (an agent, a home with keys) but where programs are.
  std::vector<std::string> environment = {"HOME=" + folder_, "TZ=UTC", "LC_ALL=C",
                                          absl::StrCat("PATH=", std::getenv("PATH"))};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int error =
      posix_spawnp(&pid, kProgram, &files, nullptr, Pointers(words).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw std::runtime_error("cannot start ssh-keygen");
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace differential
