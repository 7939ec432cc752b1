// Answers one request again and again, in this process and without gRPC: for profilers.
//
// usage: replay REQUEST [COUNT]
//        valgrind --tool=callgrind build/test/bench/replay .cache/bench/requests/pipeline-steady.bin 200
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "function/base/clock.h"
#include "function/runner/run_function.h"

namespace {

int Fail(const std::string& what) {
  std::cerr << "replay: " << what << std::endl;
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return Fail("usage: replay REQUEST [COUNT]");
  std::ifstream file(argv[1], std::ios::binary);
  std::ostringstream request;
  request << file.rdbuf();
  if (!file) return Fail(std::string(argv[1]) + ": cannot be read");
  const int count = argc > 2 ? std::atoi(argv[2]) : 1000;
  if (count < 1) return Fail("COUNT: must be above 0");

  const base::SystemClock clock;
  std::string response;
  runner::RunSummary summary;
  const std::clock_t began = std::clock();  // of this process: others on the machine do not count
  for (int i = 0; i < count; ++i) {
    // Requests carry their time.
    const absl::Status status =
        runner::RunFunctionOnBytes(request.str(), {clock, /*clock_from_context=*/true}, &response, &summary);
    if (!status.ok()) return Fail(std::string(status.message()));
  }
  const double took = 1e6 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  if (!summary.error.empty()) return Fail(summary.error);
  const std::string verdict = summary.gate ? absl::StrCat(" ", release::Name(summary.gate->verdict)) : "";
  std::cout << summary.kind << verdict << ": " << took / count << " us of CPU a call, " << response.size()
            << " bytes" << std::endl;
  return 0;
}
