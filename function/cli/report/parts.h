// The small parts that the report's pages are made of.
#ifndef FUNCTION_CLI_REPORT_PARTS_H_
#define FUNCTION_CLI_REPORT_PARTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "function/cli/report/html.h"
#include "function/cli/report/model.h"

namespace cli::report {

// How something stands: a shape, a colour and a word, never the colour alone.
enum class Tone { kNeutral, kGood, kWaiting, kBad, kOver, kSpecial };

struct Look {
  absl::string_view word;  // "approved"
  Tone tone = Tone::kNeutral;
  absl::string_view icon;  // the paths of a drawing of 16 by 16, without its frame
};

Look LookOf(State state);
Look LookOf(IncidentView::Kind kind);
Look LookOf(AuditView::Standing standing);
// Of requirements, and of whatever else holds or does not.
Look LookOfMark(bool is_good);

// "good": the class that gives elements the colour of a tone.
std::string ClassOf(Tone tone);

// The icon alone, for next to its word.
Html Icon(const Look& look);
// Icon and word.
Html Badge(const Look& look);
Html Badge(const Look& look, absl::string_view word);

// "2026-03-02 09:00 UTC".
std::string TimeText(absl::Time time);
// The same as an element; "–" for none.
Html When(Moment time);
// "–", which is a cell's whole content where there is nothing to say.
Html None();
// With how long before or after `as_of` that is: "(in 3 h)".
Html When(Moment time, Moment as_of);
// Only how long before or after `as_of` that is, where that is known.
Html WhenAgo(absl::Time time, Moment as_of);
// With the seconds.
Html WhenExactly(absl::Time time);
// "3 h ago", "in 2 d", "at that time".
std::string Distance(absl::Time time, absl::Time as_of);

// A name that somebody gave.
Html Name(absl::string_view name);
// The whole reference of an artifact.
Html Artifact(absl::string_view artifact);

Html Span(absl::string_view class_name, const std::vector<Html>& children);
Html Muted(absl::string_view text);
// For screen readers alone.
Html Spoken(absl::string_view text);

struct Column {
  std::string title;
  std::string class_name;
};

// A table with a caption; the first cell of each row is its header. None without rows.
Html Table(absl::string_view caption, const std::vector<Column>& columns,
           const std::vector<std::vector<Html>>& rows);

// dl: names and values; those with an empty value are left out.
struct Fact {
  std::string name;
  Html value;
};
Html Facts(const std::vector<Fact>& facts);

// "1 gate", "2 gates".
std::string Count(size_t count, absl::string_view noun);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_PARTS_H_
