#include "function/runner/spare_threads.h"

#include <functional>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "test/catch.h"
#include "test/server/clients.h"

namespace {

using runner::SpareThreads;

// As a call that came when its thread had waited for one.
void Call(SpareThreads& threads) {
  absl::SleepFor(absl::Microseconds(100));
  threads.CallBegins();
  threads.CallEnds();
}

// Two threads, this one and one that rests for as long as it may.
class Resting {
 public:
  Resting() {
    threads.Settle();
    threads.Rest();
    thread_ = std::thread([this] { threads.Rest(); });
    REQUIRE(test::Eventually([&] { return threads.resting() == 1; }));
  }
  ~Resting() {
    threads.Close();
    thread_.join();
  }
  bool GotUp() const {
    return test::Eventually([&] { return threads.resting() == 0; });
  }

  SpareThreads threads;

 private:
  std::thread thread_;
};

TEST_CASE("A spare thread gets up when it is needed") {
  struct Case {
    std::string name;
    std::function<void(SpareThreads&)> needs;
  };
  const Case cases[] = {
      {"it is told to", [](SpareThreads& threads) { threads.Wake(); }},
      {"two calls at a time",
       [](SpareThreads& threads) {
         absl::SleepFor(absl::Microseconds(100));
         threads.CallBegins();
         Call(threads);
         threads.CallEnds();
       }},
      {"a call takes long",
       [](SpareThreads& threads) {
         threads.CallBegins();
         threads.Watch();
         threads.Watch();
         threads.CallEnds();
       }},
      // However busy the machine is, of a hundred thousand some will be in a row.
      {"calls come one after the other without a pause",
       [](SpareThreads& threads) {
         for (int i = 0; i < 100'000; ++i) {
           threads.CallBegins();
           threads.CallEnds();
         }
       }},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Resting resting;
    c.needs(resting.threads);
    CHECK(resting.GotUp());
  }
}

TEST_CASE("A spare thread rests while one call comes after the other") {
  Resting resting;
  for (int i = 0; i < 100; ++i) {
    Call(resting.threads);
    resting.threads.Watch();
  }
  resting.threads.Settle();
  absl::SleepFor(absl::Milliseconds(20));
  CHECK(resting.threads.resting() == 1);
}

TEST_CASE("The last thread does not rest, nor one that was needed lately") {
  SpareThreads threads;
  threads.Settle();
  threads.Rest();  // returns, or the test would not
  Resting other;   // of another server's, but one of the same process's threads
  threads.Rest();
  CHECK(other.threads.resting() == 1);

  std::thread third([&] {
    threads.CallBegins();
    threads.Watch();
    threads.Watch();
    threads.CallEnds();
    threads.Settle();
    threads.Rest();  // was needed
    threads.Settle();
    threads.Rest();
  });
  CHECK(test::Eventually([&] { return threads.resting() == 1; }));
  threads.Close();
  third.join();
  threads.Settle();
  std::thread fourth([&] { threads.Rest(); });  // closed
  fourth.join();
}

}  // namespace
