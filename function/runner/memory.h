// What this process holds in memory.
#ifndef FUNCTION_RUNNER_MEMORY_H_
#define FUNCTION_RUNNER_MEMORY_H_

#include <cstdint>

namespace runner {

// In bytes. Thread-safe.
class MemoryMeter {
 public:
  MemoryMeter();
  ~MemoryMeter();
  MemoryMeter(const MemoryMeter&) = delete;
  MemoryMeter& operator=(const MemoryMeter&) = delete;

  // What is resident, with what was freed and may be used again. Costs next to nothing. 0 where /proc is not
  // there.
  std::int64_t Resident() const;
  // What is allocated. Takes the allocator's locks for some microseconds.
  std::int64_t Allocated() const;

 private:
  const int statm_;
  const std::int64_t page_;
};

// Has what calls take come from few heaps, not from as many as there are threads, so that what they free can
// be used again and be given back.
void SetUpHeap();

// Gives what was freed back to the system.
void ReturnFreeMemory();

}  // namespace runner

#endif  // FUNCTION_RUNNER_MEMORY_H_
