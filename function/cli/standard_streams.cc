#include "function/cli/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace cli {

void OpenStandardStreams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool is_closed = fcntl(fd, F_GETFD) < 0 && errno == EBADF;
    // The lowest number that is free is what open() returns.
    if (is_closed && open("/dev/null", O_RDWR) < 0) return;
  }
}

}  // namespace cli
