// A program on a terminal of its own, as a person at a keyboard sees it.
#ifndef TEST_UNIT_KUBECTL_PTY_H_
#define TEST_UNIT_KUBECTL_PTY_H_

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace kubectl_test {

class OnTerminal {
 public:
  // Starts it; `variables`: NAME=VALUE, put into its environment.
  OnTerminal(std::vector<std::string> arguments, std::vector<std::string> variables) {
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (pid_ < 0) throw std::runtime_error("no terminal");
    if (pid_ > 0) return;
    for (std::string& variable : variables) putenv(variable.data());
    execv(argv[0], argv.data());
    _exit(127);
  }
  ~OnTerminal() {
    if (terminal_ >= 0) close(terminal_);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);  // the terminal's end ends it
  }
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;

  // Reads until this is on the screen. False where the program ends before.
  bool WaitFor(const std::string& text) {
    size_t from = 0;
    while (screen_.find(text, from) == std::string::npos) {
      if (!ReadMore()) return false;
    }
    return true;
  }

  void Type(const std::string& text) {
    if (write(terminal_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      throw std::runtime_error("the terminal takes no input");
  }

  // Reads to the end; the exit code.
  int Wait() {
    while (ReadMore()) {
    }
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  const std::string& screen() const { return screen_; }

 private:
  bool ReadMore() {
    char buffer[4096];
    ssize_t size = 0;
    do {
      size = read(terminal_, buffer, sizeof buffer);
    } while (size < 0 && errno == EINTR);
    if (size <= 0) return false;  // EIO: nobody has it open any more
    screen_.append(buffer, static_cast<size_t>(size));
    return true;
  }

  int terminal_ = -1;
  pid_t pid_ = -1;
  std::string screen_;
};

}  // namespace kubectl_test

#endif  // TEST_UNIT_KUBECTL_PTY_H_
