// The operators of function/base/new_delete.cc, with which this test is linked but for sanitizers, which have
// some of their own: what is true of all of them is checked there too.
#include <malloc.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <random>
#include <thread>
#include <vector>

#include "test/catch.h"

namespace {

struct Allocation {
  unsigned char* memory;
  std::size_t size;
  unsigned char mark;
};

Allocation Allocate(std::size_t size, unsigned char mark) {
  auto* memory = static_cast<unsigned char*>(operator new(size));
  std::memset(memory, mark, size);
  return {memory, size, mark};
}

bool IsWhole(const Allocation& allocation) {
  for (std::size_t i = 0; i < allocation.size; ++i) {
    if (allocation.memory[i] != allocation.mark) return false;
  }
  return reinterpret_cast<std::uintptr_t>(allocation.memory) % __STDCPP_DEFAULT_NEW_ALIGNMENT__ == 0;
}

TEST_CASE("What is allocated is aligned and nobody else's", "[new_delete]") {
  std::mt19937 random(1);
  std::vector<Allocation> all;
  int broken = 0;
  for (int i = 0; i < 200'000; ++i) {
    if (all.size() < 3'000 || random() % 2 == 0) {
      all.push_back(Allocate(random() % 1'200, static_cast<unsigned char>(random())));
      continue;
    }
    std::swap(all[random() % all.size()], all.back());
    broken += IsWhole(all.back()) ? 0 : 1;
    operator delete(all.back().memory);
    all.pop_back();
  }
  for (const Allocation& allocation : all) {
    broken += IsWhole(allocation) ? 0 : 1;
    operator delete(allocation.memory);
  }
  CHECK(broken == 0);
  operator delete(nullptr);
}

TEST_CASE("What one thread allocates another one may free", "[new_delete]") {
  for (int round = 0; round < 20; ++round) {
    std::vector<Allocation> all;
    std::thread([&] {
      for (std::size_t size = 0; size < 1'200; ++size) all.push_back(Allocate(size, 'x'));
    }).join();
    std::thread([&] {
      for (const Allocation& allocation : all) {
        if (!IsWhole(allocation)) std::abort();
        operator delete(allocation.memory);
      }
    }).join();
  }
}

#ifdef FRP_NEW_DELETE
TEST_CASE("More than there can be is refused", "[new_delete]") {
  for (const volatile std::size_t size :
       {SIZE_MAX / 2, SIZE_MAX - 6, SIZE_MAX}) {  // or the compiler would say so
    CHECK_THROWS_AS(operator new(size), std::bad_alloc);
    CHECK(operator new(size, std::nothrow) == nullptr);
  }
}

std::size_t AllocatedBytes() { return mallinfo2().uordblks; }

TEST_CASE("A block that was freed is the next one of its size", "[new_delete]") {
  for (const std::size_t size : {0u, 1u, 24u, 25u, 40u, 41u, 1'000u}) {
    void* const first = operator new(size);
    operator delete(first);
    void* const second = operator new(size);
    CHECK(first == second);
    operator delete(second);
  }
}

TEST_CASE("A thread keeps no more than its share of a size, and nothing at its end", "[new_delete]") {
  std::vector<void*> blocks(100'000);
  const std::size_t before = AllocatedBytes();
  std::size_t kept = 0;
  std::thread([&] {
    for (void*& block : blocks) block = operator new(56);
    for (void* const block : blocks) operator delete(block);
    kept = AllocatedBytes() - before;
  }).join();
  CHECK(kept >= 292 * 64);
  CHECK(kept < 32 * 1024);
  CHECK(AllocatedBytes() < before + 8 * 1024);
}
#endif

}  // namespace
