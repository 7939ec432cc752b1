// The operators new and delete of the program (C++20, [replacement.functions]): what C++ allocates comes from
// a store of its thread, and goes back to it. A call allocates some 1,500 small blocks and frees them all, so
// that nearly every one is there from the call before. glibc has such a store too (tcache), which takes more
// than twice the instructions.
//
// Not built with sanitizers, which have operators of their own.
#include <malloc.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

// Blocks of one kind hold 16 * kind + 8 bytes, the sizes that glibc's malloc has.
constexpr std::size_t kKinds = 64;
// What a thread keeps of a kind; in all, a megabyte at most.
constexpr std::size_t kMaxBytes = 16 * 1024;

constexpr std::size_t SizeOf(std::size_t kind) { return 16 * kind + 8; }
constexpr std::size_t KindFor(std::size_t size) { return size <= 24 ? 1 : (size - 9) / 16 + 1; }
static_assert(SizeOf(KindFor(24)) == 24 && SizeOf(KindFor(25)) == 40 && SizeOf(KindFor(40)) == 40);
static_assert(KindFor(SIZE_MAX) > kKinds);

class Block {
 public:
  // Linked as glibc links its own: whoever writes over a block without knowing where it lies cannot choose
  // what is allocated next ("safe-linking").
  void SetNext(Block* next) { next_ = Mangled(next); }
  Block* Next() const { return Mangled(next_); }

 private:
  Block* Mangled(Block* block) const {
    return reinterpret_cast<Block*>(reinterpret_cast<std::uintptr_t>(this) >> 12 ^
                                    reinterpret_cast<std::uintptr_t>(block));
  }

  Block* next_;
};

// Zeros, and nothing to be made or destroyed: it is there before the first object of its thread and after the
// last.
class Store {
 public:
  // Null where there is none.
  void* Take(std::size_t kind) {
    Block* const block = first_[kind];
    if (block == nullptr) return nullptr;
    first_[kind] = block->Next();
    ++room_[kind];
    return block;
  }

  // False where it is to be freed.
  bool Put(void* memory, std::size_t kind) {
    if (room_[kind] == 0 && !Open()) return false;
    --room_[kind];
    Block* const block = new (memory) Block;
    block->SetNext(first_[kind]);
    first_[kind] = block;
    return true;
  }

  // The thread ends: what it frees from now on is freed.
  void Close() {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      while (void* const block = Take(kind)) std::free(block);
      room_[kind] = 0;
    }
  }

 private:
  // Makes room, once.
  bool Open();

  Block* first_[kKinds];
  std::uint16_t room_[kKinds];  // for so many blocks more
  bool was_opened_;
};

constinit thread_local Store store{};

struct CloseAtEnd {
  ~CloseAtEnd() { store.Close(); }
};

bool Store::Open() {
  if (was_opened_) return false;
  was_opened_ = true;
  for (std::size_t kind = 1; kind < kKinds; ++kind) {
    room_[kind] = static_cast<std::uint16_t>(kMaxBytes / SizeOf(kind));
  }
  thread_local const CloseAtEnd at_end;
  static_cast<void>(at_end);
  return true;
}

// As the operator that is replaced does it.
void* Allocate(std::size_t size) {
  while (true) {
    if (void* const memory = std::malloc(size)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace

void* operator new(std::size_t size) {
  const std::size_t kind = KindFor(size);
  if (kind >= kKinds) return Allocate(size);
  void* const memory = store.Take(kind);
  return memory != nullptr ? memory : Allocate(SizeOf(kind));
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  const std::size_t kind = malloc_usable_size(memory) / 16;
  if (kind >= kKinds || !store.Put(memory, kind)) std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
