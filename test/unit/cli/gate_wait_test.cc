#include "function/cli/gate_wait.h"

#include <deque>
#include <functional>
#include <sstream>

#include "test/catch.h"

namespace cli {
namespace {

using base::Json;

const std::string kSubject(64, 'a');
const std::string kOther(64, 'b');

absl::StatusOr<GateView> View(const std::string& subject, const std::string& verdict,
                              Json requirements = Json::array()) {
  return GateView{subject, verdict, "ghcr.io/acme/app:main-abc123", "2026-01-02T03:04:05Z",
                  std::move(requirements)};
}

Json Requirement(const char* name, bool satisfied, const char* message) {
  return {{"name", name},
          {"satisfied", satisfied},
          {"reason", satisfied ? "Met" : "Awaiting"},
          {"message", message},
          {"next_change", ""}};
}

// Shows one view after the other; the last one stays. Signals after `signal_after` sleeps.
class Script final : public GateWaitWorld {
 public:
  explicit Script(std::vector<absl::StatusOr<GateView>> views, int signal_after = 1000)
      : views_(views.begin(), views.end()), signal_after_(signal_after) {}

  absl::StatusOr<GateView> Read() override {
    absl::StatusOr<GateView> view = views_.front();
    if (views_.size() > 1) views_.pop_front();
    return view;
  }
  int Sleep(absl::Duration) override { return ++sleeps_ > signal_after_ ? 15 : 0; }
  void Log(base::LogLevel, absl::string_view message, const base::LogFields& fields) override {
    std::string line(message);
    for (const auto& [key, value] : fields) {
      if (key == "name" || key == "satisfied" || key == "verdict" || key == "reason" || key == "signal") {
        line += " " + key + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
      }
    }
    lines.push_back(line);
  }

  std::vector<std::string> lines;
  int sleeps_ = 0;

 private:
  std::deque<absl::StatusOr<GateView>> views_;
  int signal_after_;
};

struct Case {
  const char* name;
  const char* reason;
  std::vector<absl::StatusOr<GateView>> views;
  int want;
  std::vector<std::string> lines;
  int signal_after = 1000;
};

TEST_CASE("waiting for a verdict") {
  const Json waiting =
      Json::array({Requirement("Checks", true, "all"), Requirement("Approvals", false, "0 of 1")});
  const Json met =
      Json::array({Requirement("Checks", true, "all"), Requirement("Approvals", true, "1 of 1")});
  const absl::Status missing = absl::UnavailableError("/gate: cannot be read");
  const Case cases[] = {
      {"approved", "the verdict ends it", {View(kSubject, "approved")}, 0, {"gate verdict=approved"}},
      {"rejected", "the verdict ends it", {View(kSubject, "rejected")}, 1, {"gate verdict=rejected"}},
      {"timeout", "the verdict ends it", {View(kSubject, "timeout")}, 2, {"gate verdict=timeout"}},
      {"changes",
       "each change is told, and what stays is not",
       {View(kSubject, "pending", waiting), View(kSubject, "pending", waiting),
        View(kSubject, "approved", met)},
       0,
       {"requirement name=Checks satisfied=true reason=Met",
        "requirement name=Approvals satisfied=false reason=Awaiting", "gate verdict=pending",
        "requirement name=Approvals satisfied=true reason=Met", "gate verdict=approved"}},
      {"late",
       "the kubelet may mount late, and that is said once",
       {missing, missing, View(kSubject, "approved")},
       0,
       {"waiting for the gate's ConfigMap reason=/gate: cannot be read", "gate verdict=approved"}},
      {"gone for a while",
       "a trouble that comes back is said again",
       {missing, View(kSubject, "pending"), missing, View(kSubject, "approved")},
       0,
       {"waiting for the gate's ConfigMap reason=/gate: cannot be read", "gate verdict=pending",
        "waiting for the gate's ConfigMap reason=/gate: cannot be read", "gate verdict=approved"}},
      {"superseded",
       "the ConfigMap was ours, and is another attempt's now",
       {View(kSubject, "pending"), View(kOther, "approved")},
       3,
       {"gate verdict=pending", "superseded: the gate is on another attempt by now"}},
      {"the attempt before",
       "at the beginning it may be the one before, and its verdict is not ours",
       {View(kOther, "approved"), View(kSubject, "rejected")},
       1,
       {"the ConfigMap is of another attempt: waiting for this one's reason=subject " + kOther,
        "gate verdict=rejected"}},
      {"superseded before it began",
       "patience ends after 10 seconds here",
       {View(kOther, "pending")},
       3,
       {"the ConfigMap is of another attempt: waiting for this one's reason=subject " + kOther,
        "superseded: the gate is on another attempt by now"}},
      {"SIGTERM",
       "128 and the signal's number",
       {View(kSubject, "pending")},
       143,
       {"gate verdict=pending", "stopped signal=15"},
       3},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    Script script(c.views, c.signal_after);
    CHECK(WaitForVerdict(script, kSubject, absl::Seconds(2), absl::Seconds(10)) == c.want);
    CHECK(script.lines == c.lines);
  }
}

TEST_CASE("patience is as long as it says") {
  Script script({View(kOther, "pending")});
  CHECK(WaitForVerdict(script, kSubject, absl::Seconds(2), absl::Seconds(10)) == 3);
  CHECK(script.sleeps_ == 5);
}

TEST_CASE("what is in the ConfigMap's keys") {
  struct Case {
    const char* name;
    const char* reason;
    std::map<std::string, std::string> values;
    std::string want;
  };
  const std::string not_a_list = "requirements.json: is no list of objects";
  const Case cases[] = {
      {"all there",
       "as the function writes it",
       {{"gate_status", "pending"}, {"requirements.json", "[{}]"}},
       ""},
      {"cut",
       "a file that is half there",
       {{"gate_status", "pending"}, {"requirements.json", "[{"}},
       not_a_list},
      {"another list", "", {{"gate_status", "pending"}, {"requirements.json", "[1]"}}, not_a_list},
      {"no verdict",
       "",
       {{"gate_status", "maybe"}, {"requirements.json", "[]"}},
       "gate_status: \"maybe\" is no verdict"},
      {"nothing", "somebody emptied it", {}, not_a_list},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CHECK(ParseGateView(c.values).status().message() == c.want);
  }
}

// It ended the process: a value of another type threw.
TEST_CASE("a requirement whose fields have other types is told as far as it goes") {
  const Json odd = {{"name", 7}, {"satisfied", "yes"}, {"reason", nullptr}};
  Script script({View(kSubject, "pending", Json::array({odd})), View(kSubject, "approved")});
  CHECK(WaitForVerdict(script, kSubject, absl::Seconds(2), absl::Seconds(10)) == 0);
  CHECK(script.lines == std::vector<std::string>{"requirement name= satisfied=false reason=",
                                                 "gate verdict=pending", "gate verdict=approved"});
}

TEST_CASE("wrong options") {
  struct Wrong {
    GateWaitOptions options;
    const char* want;
  };
  const Wrong cases[] = {
      {{"/gate", "zz"}, "--subject: \"zz\" is not 64 lower-case hex digits, as the gate's status.subject is"},
      {{"/gate", std::string(64, 'A')}, "is not 64 lower-case hex digits"},
      {{"/gate", kSubject, "0s"}, "--interval: \"0s\" is no duration of at least 1ms, as 2s or 1m30s"},
      {{"/gate", kSubject, "soon"}, "--interval: \"soon\" is no duration"},
      {{"/gate", kSubject, "2s", "-1s"}, "--patience: \"-1s\" is no duration of at least 0"},
  };
  for (const Wrong& c : cases) {
    std::ostringstream err;
    CHECK(RunGateWait(c.options, err) == 64);
    CHECK_THAT(err.str(), Catch::Contains(c.want));
  }
}

}  // namespace
}  // namespace cli
