#include "function/base/log.h"

#include <algorithm>
#include <string>

#include "test/catch.h"

namespace {

using base::LogFields;
using base::LogFormat;
using base::LogLevel;

TEST_CASE("An event is one line") {
  const absl::Time time = absl::FromUnixMillis(1767323045678);
  struct Case {
    std::string name;
    std::string reason;
    std::string message;
    LogFields fields;
    std::string json;
    std::string text;
  };
  const Case cases[] = {
      {"no fields",
       "the three that are always there",
       "ready",
       {},
       R"({"time":"2026-01-02T03:04:05.678Z","level":"warn","msg":"ready"})",
       "time=2026-01-02T03:04:05.678Z level=warn msg=ready"},
      {"types",
       "numbers and booleans stay what they are",
       "x",
       {{"s", "a b"}, {"n", 3}, {"f", 0.5}, {"b", true}},
       R"({"time":"2026-01-02T03:04:05.678Z","level":"warn","msg":"x","s":"a b","n":3,"f":0.5,"b":true})",
       R"(time=2026-01-02T03:04:05.678Z level=warn msg=x s="a b" n=3 f=0.5 b=true)"},
      {"line breaks",
       "a field must not forge a line",
       "a\nb",
       {{"k", "c\r\nlevel=error"}},
       R"({"time":"2026-01-02T03:04:05.678Z","level":"warn","msg":"a\nb","k":"c\r\nlevel=error"})",
       R"(time=2026-01-02T03:04:05.678Z level=warn msg="a\nb" k="c\r\nlevel=error")"},
      {"quotes",
       "a field must not forge a field",
       "x",
       {{"k", "\",\"level\":\"error"}, {"e", ""}, {"q", "a=b"}},
       R"({"time":"2026-01-02T03:04:05.678Z","level":"warn","msg":"x","k":"\",\"level\":\"error","e":"","q":"a=b"})",
       R"(time=2026-01-02T03:04:05.678Z level=warn msg=x k="\",\"level\":\"error" e="" q="a=b")"},
      {"terminal control",
       "escape sequences do nothing",
       "\x1b[2J",
       {{"k\n", "\xff\xc2\x9b"}},
       R"({"time":"2026-01-02T03:04:05.678Z","level":"warn","msg":"\u001b[2J","k\n":"\ufffd\u009b"})",
       R"(time=2026-01-02T03:04:05.678Z level=warn msg="\u001b[2J" "k\n"="\ufffd\u009b")"},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CHECK(FormatLogLine(LogFormat::kJson, time, LogLevel::kWarn, c.message, c.fields) == c.json);
    CHECK(FormatLogLine(LogFormat::kText, time, LogLevel::kWarn, c.message, c.fields) == c.text);
  }
}

TEST_CASE("What is below the level is off") {
  base::ConfigureLog(LogLevel::kWarn, LogFormat::kJson);
  CHECK_FALSE(base::LogEnabled(LogLevel::kInfo));
  CHECK(base::LogEnabled(LogLevel::kWarn));
  base::ConfigureLog(LogLevel::kInfo, LogFormat::kJson);
  CHECK(base::LogEnabled(LogLevel::kInfo));
  CHECK_FALSE(base::LogEnabled(LogLevel::kDebug));
}

}  // namespace
