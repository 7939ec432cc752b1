// Structured logs on stderr: one line an event, whatever its fields hold.
//   json: {"time":"2026-01-02T03:04:05.678Z","level":"info","msg":"listening","address":"[::]:9443"}
//   text: time=2026-01-02T03:04:05.678Z level=info msg=listening address=[::]:9443
// Thread-safe. Not for audit entries: those are part of an object's status.
#ifndef FUNCTION_BASE_LOG_H_
#define FUNCTION_BASE_LOG_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "function/base/json.h"

namespace base {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kJson, kText };

// In the order in which they are printed. Values are strings, numbers or booleans.
using LogFields = std::vector<std::pair<std::string, Json>>;

// What is below `level` is dropped. Until this is called: info and above, as JSON.
void ConfigureLog(LogLevel level, LogFormat format);
bool LogEnabled(LogLevel level);
void Log(LogLevel level, absl::string_view message, const LogFields& fields = {});

// The line that Log writes, without its newline.
std::string FormatLogLine(LogFormat format, absl::Time time, LogLevel level, absl::string_view message,
                          const LogFields& fields);

}  // namespace base

#endif  // FUNCTION_BASE_LOG_H_
