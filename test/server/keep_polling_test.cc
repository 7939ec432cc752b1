#include <sys/syscall.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/time/clock.h"
#include "test/catch.h"
#include "test/server/running.h"

namespace {

struct Threads {
  int all = 0;
  int asleep = 0;
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
    if (system_call == std::to_string(SYS_clock_nanosleep)) ++threads.asleep;
  }
  return threads;
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
    const Threads threads = CallbackThreads();
    nobody_waits += threads.asleep == threads.all ? 1 : 0;
    absl::SleepFor(absl::Milliseconds(10));
  }
  CHECK(nobody_waits == 0);
}

}  // namespace
