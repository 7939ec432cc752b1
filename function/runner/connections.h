// The connections that were accepted and are open still. Whoever serves them closes them without a word, so
// that this finds out by looking.
#ifndef FUNCTION_RUNNER_CONNECTIONS_H_
#define FUNCTION_RUNNER_CONNECTIONS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace runner {

// Not thread-safe.
class Connections {
 public:
  explicit Connections(std::size_t max) : max_(max) {}

  // Whether there is room for this one, which counts from then on.
  bool Add(int fd);

  // Notes how much each of them has sent: what it sent lately weighs more than what it sent long ago. Returns
  // how many bytes came in since it was called before.
  std::uint64_t Measure();

  // Ends the one that has sent most. Returns whether there was one.
  bool EndGreediest();

  bool empty() const { return connections_.empty(); }

 private:
  struct Connection {
    int fd;
    ino_t inode;  // another socket under the same number has another one
    std::uint64_t received = 0;
    double lately = 0;
  };
  static bool IsOpen(const Connection& connection);
  void ForgetClosed();

  const std::size_t max_;
  std::vector<Connection> connections_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_CONNECTIONS_H_
