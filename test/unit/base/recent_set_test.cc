#include "function/base/recent_set.h"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "test/catch.h"

namespace base {
namespace {

TEST_CASE("A key is new once", "[recent_set]") {
  RecentSet<std::uint64_t> set(3);
  CHECK_FALSE(set.Contains(1));
  CHECK(set.Insert(1));
  CHECK(set.Contains(1));
  CHECK_FALSE(set.Contains(0));
  CHECK(set.Insert(0));
  CHECK_FALSE(set.Insert(1));
  CHECK_FALSE(set.Insert(0));
}

TEST_CASE("The oldest key is forgotten where there is no room", "[recent_set]") {
  RecentSet<std::uint64_t> set(2);
  for (const std::uint64_t key : {1, 2, 3}) CHECK(set.Insert(key));
  CHECK_FALSE(set.Insert(3));
  CHECK_FALSE(set.Insert(2));
  CHECK(set.Insert(1));        // forgotten, and then 2 is
  CHECK_FALSE(set.Insert(3));  // a key that was seen again is not younger for it
  CHECK(set.Insert(2));
}

TEST_CASE("Of many threads that bring a key one is told that it is new", "[recent_set]") {
  RecentSet<std::uint64_t> set(1000);
  std::atomic<int> first{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t key = 0; key < 1000; ++key) first += set.Insert(key) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(first == 1000);
}

}  // namespace
}  // namespace base
