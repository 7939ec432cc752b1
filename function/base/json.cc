#include "function/base/json.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

template class nlohmann::basic_json<>;

namespace base {
namespace {

constexpr int kMaxDepth = 1000;

bool IsDeeperThan(int max, absl::string_view text) {
  if (text.size() <= static_cast<size_t>(max)) return false;
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (c == '\\') ++i;
    if (quoted) continue;
    if ((c == '[' || c == '{') && ++depth > max) return true;
    if (c == ']' || c == '}') --depth;
  }
  return false;
}

}  // namespace

Json ParseJson(absl::string_view text) {
  if (IsDeeperThan(kMaxDepth, text)) return Json(Json::value_t::discarded);
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

Json JsonObject(std::initializer_list<JsonField> fields) {
  Json::object_t object;
  for (const JsonField& field : fields) object.emplace(std::string(field.key), std::move(field.value));
  return object;
}

std::string CanonicalJsonString(absl::string_view text) {
  // Other characters are left to the library, which knows what to make of them.
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isprint)) return CanonicalJson(std::string(text));
  if (!absl::StrContains(text, '"') && !absl::StrContains(text, '\\')) return absl::StrCat("\"", text, "\"");
  const auto needs_escape = [](char c) { return c == '"' || c == '\\'; };
  const auto escapes = std::count_if(text.begin(), text.end(), needs_escape);
  std::string quoted(text.size() + static_cast<size_t>(escapes) + 2, '"');
  char* at = quoted.data() + 1;
  for (const char c : text) {
    if (needs_escape(c)) *at++ = '\\';
    *at++ = c;
  }
  return quoted;
}

}  // namespace base
