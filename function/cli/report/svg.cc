#include "function/cli/report/svg.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "function/cli/artifact_text.h"
#include "function/cli/code_points.h"

namespace cli::report {

std::string Percent(double fraction) { return absl::StrFormat("%.2f%%", fraction * 100); }

Html Drawing(absl::string_view class_name, int height, const std::string& description,
             const std::vector<Html>& children) {
  return Element("div", {{"class", "drawing"}},
                 {Element("svg",
                          {{"class", std::string(class_name)},
                           {"role", "img"},
                           {"aria-label", description},
                           {"width", "100%"},
                           {"height", absl::StrCat(height)},
                           {"focusable", "false"}},
                          children)});
}

Html SvgText(double x, int y, absl::string_view class_name, absl::string_view anchor,
             absl::string_view text) {
  return Element("text",
                 {{"x", Percent(x)},
                  {"y", absl::StrCat(y)},
                  {"class", std::string(class_name)},
                  {"text-anchor", std::string(anchor)}},
                 {Text(text)});
}

Html SvgLine(double x1, int y1, double x2, int y2, absl::string_view class_name) {
  return Element("line", {{"x1", Percent(x1)},
                          {"y1", absl::StrCat(y1)},
                          {"x2", Percent(x2)},
                          {"y2", absl::StrCat(y2)},
                          {"class", std::string(class_name)}});
}

Html SvgIcon(double x, int y, const Look& look) {
  const Html shape =
      Element("g", {{"class", "icon " + ClassOf(look.tone)}, {"transform", "translate(-8 -8)"}},
              {Element("circle", {{"cx", "8"}, {"cy", "8"}, {"r", "7"}}),
               Element("path", {{"d", std::string(look.icon)}})});
  return Element("svg", {{"x", Percent(x)}, {"y", absl::StrCat(y)}, {"class", "spot"}}, {shape});
}

std::string TinyVersion(const std::string& artifact) {
  constexpr size_t kLength = 14;
  constexpr size_t kEnd = 8;
  std::string version = ShortVersion(artifact);
  version = std::string(absl::StripPrefix(version, "sha256:"));
  size_t length = 0;
  for (absl::string_view rest = version; !rest.empty(); ++length) TakeCodePoint(rest);
  if (length <= kLength) return version;
  absl::string_view end = version;
  for (size_t i = 0; i < length - kEnd; ++i) TakeCodePoint(end);
  return absl::StrCat(Shorten(version, kLength - kEnd - 1), end);
}

}  // namespace cli::report
