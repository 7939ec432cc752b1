// Lists of names in messages, which stay short however long the list is.
#ifndef FUNCTION_RELEASE_NAMES_H_
#define FUNCTION_RELEASE_NAMES_H_

#include <string>
#include <vector>

namespace release {

// `"a", "b" and 3 more`: at most five names, in the order given.
std::string QuotedNames(const std::vector<std::string>& names);

}  // namespace release

#endif  // FUNCTION_RELEASE_NAMES_H_
