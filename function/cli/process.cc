#include "function/cli/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"

extern char** environ;

namespace cli {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void Reset(int number) {
    Close();
    number_ = number;
  }
  void Close() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  Descriptor from_child;
  Descriptor to_parent;
};

absl::Status SystemError(const Command& command, absl::string_view what) {
  return absl::InternalError(absl::StrCat(command.arguments[0], ": ", what, ": ", std::strerror(errno)));
}

bool WriteAll(int descriptor, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t size = write(descriptor, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    text.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

// A file without a name, so that a child that ends early does no harm (a pipe would be broken).
absl::Status FillInput(const Command& command, Descriptor& input) {
  if (!command.input) return absl::OkStatus();
  input.Reset(memfd_create("input", MFD_CLOEXEC));
  const bool is_written =
      input.is_open() && WriteAll(input.number(), *command.input) && lseek(input.number(), 0, SEEK_SET) == 0;
  return is_written ? absl::OkStatus() : SystemError(command, "its input cannot be handed over");
}

absl::Status Open(const Command& command, Pipe& pipe) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError(command, "its answer cannot be read");
  pipe.from_child.Reset(ends[0]);
  pipe.to_parent.Reset(ends[1]);
  return absl::OkStatus();
}

absl::StatusOr<pid_t> Start(const Command& command, const Descriptor& input, const Descriptor& output,
                            const Descriptor& error) {
  std::vector<std::string> arguments = command.arguments;
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (input.is_open()) posix_spawn_file_actions_adddup2(&actions, input.number(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.number(), STDOUT_FILENO);
  if (error.is_open()) posix_spawn_file_actions_adddup2(&actions, error.number(), STDERR_FILENO);
  pid_t pid = 0;
  const int problem = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (problem == ENOENT) return absl::NotFoundError(absl::StrCat(argv[0], ": is not there"));
  errno = problem;
  if (problem != 0) return SystemError(command, "cannot be started");
  return pid;
}

// What is there to read; closes the descriptor at the end of it.
std::string ReadSome(Descriptor& descriptor) {
  char buffer[65536];
  const ssize_t size = read(descriptor.number(), buffer, sizeof buffer);
  if (size > 0) return std::string(buffer, static_cast<size_t>(size));
  if (size == 0 || errno != EINTR) descriptor.Close();
  return "";
}

std::string ReadAll(const Command& command, Descriptor& output, Descriptor& error) {
  std::string text;
  while (output.is_open() || error.is_open()) {
    // poll passes over negative descriptors.
    pollfd ready[] = {{output.number(), POLLIN, 0}, {error.number(), POLLIN, 0}};
    if (poll(ready, 2, -1) < 0) continue;
    if (ready[0].revents != 0) text += ReadSome(output);
    if (ready[1].revents != 0) {
      const std::string more = ReadSome(error);
      if (!more.empty()) command.on_error(more);
    }
  }
  return text;
}

int Wait(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

absl::StatusOr<Ended> RunProcess(const Command& command) {
  Descriptor input;
  Pipe output;
  Pipe error;
  RETURN_IF_ERROR(FillInput(command, input));
  RETURN_IF_ERROR(Open(command, output));
  if (command.on_error) RETURN_IF_ERROR(Open(command, error));
  ASSIGN_OR_RETURN(const pid_t pid, Start(command, input, output.to_parent, error.to_parent));
  output.to_parent.Close();
  error.to_parent.Close();
  Ended ended;
  ended.output = ReadAll(command, output.from_child, error.from_child);
  ended.exit_code = Wait(pid);
  return ended;
}

}  // namespace cli
