// What the report's drawings share.
#ifndef FUNCTION_CLI_REPORT_SVG_H_
#define FUNCTION_CLI_REPORT_SVG_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "function/cli/report/html.h"
#include "function/cli/report/parts.h"

namespace cli::report {

// "12.5%" of the width.
std::string Percent(double fraction);

// A drawing as wide as there is room, which says `description` to those who do not see it.
Html Drawing(absl::string_view class_name, int height, const std::string& description,
             const std::vector<Html>& children);

// `anchor`: start, middle or end.
Html SvgText(double x, int y, absl::string_view class_name, absl::string_view anchor, absl::string_view text);

Html SvgLine(double x1, int y1, double x2, int y2, absl::string_view class_name);

// An icon around a point.
Html SvgIcon(double x, int y, const Look& look);

// A tag or digest in at most 14 letters; its beginning and its end, where it is longer.
std::string TinyVersion(const std::string& artifact);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_SVG_H_
