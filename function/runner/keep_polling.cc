#include "function/runner/keep_polling.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace runner {
namespace {

// Well within the second: whoever takes these events has a second left when the next one comes.
constexpr absl::Duration kPeriod = absl::Milliseconds(400);

}  // namespace

KeepPolling::KeepPolling(grpc::Server& server)
    : stub_(server.InProcessChannel(grpc::ChannelArguments())), thread_([this] { Run(); }) {}

KeepPolling::~KeepPolling() {
  stop_.Notify();
  thread_.join();
}

void KeepPolling::Run() {
  while (!stop_.WaitForNotificationWithTimeout(kPeriod)) Call();
}

void KeepPolling::Call() {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPeriod));
  const grpc::Slice whole_server;  // a request of no bytes: without a service
  const grpc::ByteBuffer request(&whole_server, 1);
  grpc::ByteBuffer response;
  absl::Notification done;
  stub_.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                  [&done](const grpc::Status&) { done.Notify(); });
  done.WaitForNotification();
}

}  // namespace runner
