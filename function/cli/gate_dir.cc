#include "function/cli/gate_dir.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"

namespace cli {
namespace {

constexpr char kCurrentVersion[] = "..data";

// A ConfigMap is at most 1 MiB.
constexpr size_t kMaxFileBytes = 2 * 1024 * 1024;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

absl::Status Unreadable(const std::string& path, int error) {
  return absl::UnavailableError(absl::StrCat(path, ": cannot be read: ", std::strerror(error)));
}

absl::StatusOr<std::string> ReadFileAt(const File& folder, const std::string& key, const std::string& path) {
  const File file(openat(folder.descriptor(), key.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return Unreadable(path, errno);
  std::string content;
  char buffer[4096];
  while (true) {
    const ssize_t size = read(file.descriptor(), buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Unreadable(path, errno);
    if (size == 0) return content;
    content.append(buffer, static_cast<size_t>(size));
    if (content.size() > kMaxFileBytes) return absl::UnavailableError(absl::StrCat(path, ": is over 2 MiB"));
  }
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ReadConfigMapDir(const std::string& dir,
                                                                    const std::vector<std::string>& keys) {
  const File mount(open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!mount.is_open()) return Unreadable(dir, errno);
  // An open folder stays the same one when the link moves on. Its files may be deleted then: that is an
  // error, and the next call sees the new version.
  const File version(openat(mount.descriptor(), kCurrentVersion, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!version.is_open() && errno != ENOENT) return Unreadable(dir + "/" + kCurrentVersion, errno);
  std::map<std::string, std::string> values;
  for (const std::string& key : keys) {
    ASSIGN_OR_RETURN(values[key],
                     ReadFileAt(version.is_open() ? version : mount, key, absl::StrCat(dir, "/", key)));
  }
  return values;
}

}  // namespace cli
