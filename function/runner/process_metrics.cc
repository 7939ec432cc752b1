#include "function/runner/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace runner {
namespace {

std::string ReadWhole(const char* path) {
  std::ifstream in(path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// Fields of /proc/self/stat from the third one (state) on: the second is the command, which may hold spaces.
std::vector<std::string> StatFields() {
  const std::string stat = ReadWhole("/proc/self/stat");
  const auto end_of_command = stat.rfind(") ");
  if (end_of_command == std::string::npos) return {};
  return absl::StrSplit(absl::string_view(stat).substr(end_of_command + 2), ' ');
}

// `number`: as proc(5) counts the fields, from 1.
std::optional<double> StatField(const std::vector<std::string>& fields, std::size_t number) {
  double value;
  if (number - 3 >= fields.size() || !absl::SimpleAtod(fields[number - 3], &value)) return std::nullopt;
  return value;
}

std::optional<double> BootTime() {
  const std::string stat = ReadWhole("/proc/stat");
  for (absl::string_view line : absl::StrSplit(stat, '\n')) {
    double value;
    if (absl::ConsumePrefix(&line, "btime ") && absl::SimpleAtod(line, &value)) return value;
  }
  return std::nullopt;
}

std::optional<double> OpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return std::nullopt;
  // One of them is the listing's own.
  return static_cast<double>(std::distance(begin(files), end(files)) - 1);
}

std::optional<double> MaxFiles() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

void Append(absl::string_view name, absl::string_view type, absl::string_view help,
            std::optional<double> value, std::string* out) {
  if (value) AppendFamily(name, type, help, *value, out);
}

void Collect(std::string* out) {
  static const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  static const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
  static const std::optional<double> boot = BootTime();
  const std::vector<std::string> stat = StatFields();
  const auto user = StatField(stat, 14), system = StatField(stat, 15), start = StatField(stat, 22);
  const auto virtual_size = StatField(stat, 23), resident = StatField(stat, 24);

  if (user && system) {
    Append("process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.",
           (*user + *system) / ticks, out);
  }
  Append("process_max_fds", "gauge", "Maximum number of open file descriptors.", MaxFiles(), out);
  Append("process_open_fds", "gauge", "Number of open file descriptors.", OpenFiles(), out);
  if (resident) {
    Append("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", *resident * page, out);
  }
  if (boot && start) {
    Append("process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.",
           *boot + *start / ticks, out);
  }
  Append("process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.", virtual_size, out);
}

}  // namespace

void AddProcessMetrics(Metrics& metrics) { metrics.AddCollector(Collect); }

}  // namespace runner
