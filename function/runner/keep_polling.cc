#include "function/runner/keep_polling.h"

#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace runner {
namespace {

// Well within the second: whoever takes these events has a second left when the next one comes.
constexpr absl::Duration kPeriod = absl::Milliseconds(400);
// How long others may wait for a call that takes long, twice at most.
constexpr absl::Duration kTick = absl::Milliseconds(25);

}  // namespace

KeepPolling::KeepPolling(grpc::Server& server, std::shared_ptr<SpareThreads> spare_threads)
    : stub_(server.InProcessChannel(grpc::ChannelArguments())),
      spare_threads_(std::move(spare_threads)),
      thread_([this] { Run(); }) {}

KeepPolling::~KeepPolling() {
  stop_.Notify();
  spare_threads_->Close();
  thread_.join();
}

void KeepPolling::Run() {
  absl::Time next = absl::Now() + kPeriod;
  while (!stop_.WaitForNotificationWithTimeout(kTick)) {
    spare_threads_->Watch();
    if (absl::Now() < next) continue;
    Call();
    next = absl::Now() + kPeriod;
  }
}

void KeepPolling::Call() {
  spare_threads_->Settle();
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPeriod));
  const grpc::Slice whole_server;  // a request of no bytes: without a service
  const grpc::ByteBuffer request(&whole_server, 1);
  grpc::ByteBuffer response;
  absl::Notification done;
  // Should gRPC answer in this thread, which it does not yet, it has to go on.
  stub_.UnaryCall(
      &context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
      [&done, spare_threads = spare_threads_, own = std::this_thread::get_id()](const grpc::Status&) {
        done.Notify();
        if (std::this_thread::get_id() != own) spare_threads->Rest();
      });
  while (!done.WaitForNotificationWithTimeout(kTick)) spare_threads_->Wake();
}

}  // namespace runner
