// Questions at the edges that no random choice reaches: keys that nobody generates, and numbers at their
// bounds.
#ifndef TEST_DIFFERENTIAL_CRAFTED_CASES_H_
#define TEST_DIFFERENTIAL_CRAFTED_CASES_H_

#include <vector>

#include "test/differential/cases.h"

namespace differential {

std::vector<Case> CraftedCases();

}  // namespace differential

#endif  // TEST_DIFFERENTIAL_CRAFTED_CASES_H_
