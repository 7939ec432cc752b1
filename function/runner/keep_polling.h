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

#include <memory>
#include <thread>

#include "absl/synchronization/notification.h"
#include "function/runner/spare_threads.h"

namespace runner {

// While it lives the server is asked for its health, in this process, so often that one of the threads waits
// at any time. Whichever has the answer may rest, if it is spare.
class KeepPolling {
 public:
  // `server` must outlive it, and must not be shut down before it is gone.
  KeepPolling(grpc::Server& server, std::shared_ptr<SpareThreads> spare_threads);
  ~KeepPolling();

 private:
  void Run();
  void Call();

  grpc::GenericStub stub_;
  // Shared with the threads themselves: one may be on its way to rest when this goes.
  const std::shared_ptr<SpareThreads> spare_threads_;
  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_KEEP_POLLING_H_
