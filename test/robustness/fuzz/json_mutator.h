// A mutator for targets that read JSON (or YAML): it moves, copies, drops and replaces values of the
// document, where libFuzzer's own would mostly break its syntax.
#ifndef TEST_ROBUSTNESS_FUZZ_JSON_MUTATOR_H_
#define TEST_ROBUSTNESS_FUZZ_JSON_MUTATOR_H_

#include <cstddef>
#include <cstdint>

namespace fuzz {

// For LLVMFuzzerCustomMutator. What is no JSON, and one time out of four what is, is left to libFuzzer.
size_t MutateJson(uint8_t* data, size_t size, size_t max_size, unsigned seed);

}  // namespace fuzz

#endif  // TEST_ROBUSTNESS_FUZZ_JSON_MUTATOR_H_
