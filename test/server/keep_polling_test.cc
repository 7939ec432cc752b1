#include <sys/syscall.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "test/catch.h"
#include "test/server/clients.h"
#include "test/server/running.h"

namespace {

struct Threads {
  int all = 0;
  int out_of_reach = 0;  // asleep, or waiting for another thread
};

// gRPC's threads that run callbacks, and what they do, as the kernel says (proc(5)).
Threads CallbackThreads() {
  Threads threads;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name, system_call;
    std::ifstream(task.path() / "comm") >> name;
    std::ifstream(task.path() / "syscall") >> system_call;
    if (name != "nexting_thread") continue;
    ++threads.all;
    if (system_call == std::to_string(SYS_clock_nanosleep) || system_call == std::to_string(SYS_futex))
      ++threads.out_of_reach;
  }
  return threads;
}

// For longer than one of them takes to wake another.
bool NobodyWaits() {
  for (int i = 0; i < 5; ++i) {
    const Threads threads = CallbackThreads();
    if (threads.out_of_reach < threads.all) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

TEST_CASE("While nobody calls, one of gRPC's threads waits for a call at any time") {
  const test::Running server([](absl::string_view, std::string*) { return absl::OkStatus(); });
  // A thread has its name a moment after it began.
  const absl::Time patience = absl::Now() + absl::Seconds(10);
  while (CallbackThreads().all < 2 && absl::Now() < patience) absl::SleepFor(absl::Milliseconds(1));
  REQUIRE(CallbackThreads().all >= 2);
  int nobody_waits = 0;
  // Left alone, they sleep for a tenth of a second after a whole one: twice in this time.
  const absl::Time end = absl::Now() + absl::Milliseconds(2500);
  while (absl::Now() < end) {
    nobody_waits += NobodyWaits() ? 1 : 0;
    absl::SleepFor(absl::Milliseconds(10));
  }
  CHECK(nobody_waits == 0);
}

// Whether one thread alone answers so many calls, one after the other.
bool OneThreadAnswers(int port, std::set<std::thread::id>& answering) {
  const auto channel = test::PlainChannel(port);
  answering.clear();
  for (int i = 0; i < 50; ++i) REQUIRE(test::Call(channel, test::kRunFunction, "").code == grpc::OK);
  return answering.size() == 1;
}

TEST_CASE(
    "While one call comes after the other one thread answers them, and one that takes long holds up nobody") {
  std::set<std::thread::id> answering;
  std::atomic<bool> is_another_through{false};
  test::Running server([&](absl::string_view request, std::string*) {
    if (request == "long")
      return test::Eventually([&] { return is_another_through.load(); })
                 ? absl::OkStatus()
                 : absl::AbortedError("the other one waited");
    answering.insert(std::this_thread::get_id());
    return absl::OkStatus();
  });
  for (int i = 0; i < 3; ++i) {
    REQUIRE(test::Eventually([&] { return OneThreadAnswers(server->port(), answering); }));
    is_another_through = false;
    auto taking_long = std::async(std::launch::async, [&] {
      return test::Call(test::PlainChannel(server->port()), test::kRunFunction, "long").code;
    });
    REQUIRE(test::Call(test::PlainChannel(server->port()), test::kRunFunction, "").code == grpc::OK);
    is_another_through = true;
    CHECK(taking_long.get() == grpc::OK);
  }
}

}  // namespace
