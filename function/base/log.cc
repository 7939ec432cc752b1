// Debian's fmt is a shared object, and the release binary is static: both libraries are used as headers.
#define FMT_HEADER_ONLY
#include "function/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace base {
namespace {

std::atomic<LogFormat> log_format{LogFormat::kJson};

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

// Never destroyed: gRPC's threads may still log while the process ends.
spdlog::logger& Logger() {
  static spdlog::logger* const logger = [] {
    auto* created = new spdlog::logger("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    created->set_pattern("%v");
    created->set_level(spdlog::level::info);
    created->flush_on(spdlog::level::debug);
    return created;
  }();
  return *logger;
}

// ASCII only, so that no terminal control character and no invalid UTF-8 gets through.
std::string Quote(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

bool IsPlain(absl::string_view text) {
  for (unsigned char c : text) {
    if (!absl::ascii_isgraph(c) || c == '"' || c == '=' || c == '\\') return false;
  }
  return !text.empty();
}

std::string TextValue(const Json& value) {
  if (!value.is_string()) return Quote(value);
  const std::string& text = value.get_ref<const std::string&>();
  return IsPlain(text) ? text : Quote(value);
}

}  // namespace

std::string FormatLogLine(LogFormat format, absl::Time time, LogLevel level, absl::string_view message,
                          const LogFields& fields) {
  LogFields all = {
      {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone())},
      {"level", std::string(LevelName(level))},
      {"msg", std::string(message)},
  };
  all.insert(all.end(), fields.begin(), fields.end());
  std::string line;
  for (const auto& [key, value] : all) {
    if (format == LogFormat::kJson) {
      absl::StrAppend(&line, line.empty() ? "{" : ",", Quote(key), ":", Quote(value));
    } else {
      absl::StrAppend(&line, line.empty() ? "" : " ", IsPlain(key) ? key : Quote(key), "=", TextValue(value));
    }
  }
  if (format == LogFormat::kJson) line += "}";
  return line;
}

void ConfigureLog(LogLevel level, LogFormat format) {
  log_format = format;
  Logger().set_level(SpdlogLevel(level));
}

bool LogEnabled(LogLevel level) { return Logger().should_log(SpdlogLevel(level)); }

void Log(LogLevel level, absl::string_view message, const LogFields& fields) {
  if (!LogEnabled(level)) return;
  const std::string line = FormatLogLine(log_format, absl::Now(), level, message, fields);
  Logger().log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace base
