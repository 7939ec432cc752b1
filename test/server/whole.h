// Handlers of tests: they take the request in one piece.
#ifndef TEST_SERVER_WHOLE_H_
#define TEST_SERVER_WHOLE_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "function/runner/server_rpc.h"

namespace test {

using WholeHandler = std::function<absl::Status(absl::string_view request, std::string* response)>;

inline runner::Handler Whole(WholeHandler handler) {
  return [handler = std::move(handler)](google::protobuf::io::ZeroCopyInputStream* request, std::size_t size,
                                        std::string* response) {
    std::string whole;
    const void* piece;
    for (int length; request->Next(&piece, &length);) {
      whole.append(static_cast<const char*>(piece), static_cast<std::size_t>(length));
    }
    if (whole.size() != size) return absl::InternalError("the request has another size than was said");
    return handler(whole, response);
  };
}

}  // namespace test

#endif  // TEST_SERVER_WHOLE_H_
