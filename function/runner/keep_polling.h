// Keeps gRPC at its work while nobody calls.
//
// The threads that run callbacks wait a second for an event, and then sleep for a tenth of one, in which they
// see none (src/cpp/common/completion_queue_cc.cc of gRPC 1.51, and of later ones as long as they poll by
// themselves). After a last call all of them do so at the same time, so that one call of eleven to an idle
// server would wait, for up to 100 ms.
#ifndef FUNCTION_RUNNER_KEEP_POLLING_H_
#define FUNCTION_RUNNER_KEEP_POLLING_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <thread>

#include "absl/synchronization/notification.h"

namespace runner {

// While it lives the server is asked for its health, in this process, so often that one of the threads waits
// at any time.
class KeepPolling {
 public:
  // `server` must outlive it, and must not be shut down before it is gone.
  explicit KeepPolling(grpc::Server& server);
  ~KeepPolling();

 private:
  void Run();
  void Call();

  grpc::GenericStub stub_;
  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_KEEP_POLLING_H_
