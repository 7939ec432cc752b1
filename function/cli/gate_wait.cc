#include "function/cli/gate_wait.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "function/base/status_macros.h"
#include "function/cli/gate_dir.h"
#include "function/cli/problem.h"
#include "function/manifest/gate_job.h"
#include "function/release/gate.h"

namespace cli {
namespace {

using base::Json;
using base::LogLevel;

constexpr int kSignalExit = 128;  // plus its number, as a shell reports it

// Keys of the gate's ConfigMap.
constexpr char kSubject[] = "subject";
constexpr char kVerdict[] = "gate_status";
constexpr char kArtifact[] = "artifact_id";
constexpr char kDeadline[] = "deadline";
constexpr char kRequirements[] = "requirements.json";

std::string Text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// A verdict's exit code; none while it is pending.
std::optional<int> ExitCode(const std::string& verdict) {
  switch (release::ParseVerdict(verdict).value_or(release::Verdict::kPending)) {
    case release::Verdict::kPending:
      return std::nullopt;
    case release::Verdict::kApproved:
      return manifest::kWaitApproved;
    case release::Verdict::kRejected:
      return manifest::kWaitRejected;
    case release::Verdict::kTimeout:
      return manifest::kWaitTimedOut;
  }
  return std::nullopt;
}

// One wait. What was told last is kept, so that every change is told once.
class Waiter {
 public:
  Waiter(GateWaitWorld& world, const std::string& subject, absl::Duration patience)
      : world_(world), subject_(subject), patience_(patience) {}

  // One look. The exit code, where there is one.
  std::optional<int> Look(absl::Duration waited) {
    const absl::StatusOr<GateView> view = world_.Read();
    if (!view.ok()) {
      Say("waiting for the gate's ConfigMap", std::string(view.status().message()));
      return std::nullopt;
    }
    if (view->subject != subject_) return OtherSubject(*view, waited);
    was_ours_ = true;
    trouble_.clear();
    TellChanges(*view);
    return ExitCode(view->verdict);
  }

 private:
  // A trouble is said once, and again only after it was another one or gone.
  void Say(absl::string_view message, const std::string& trouble) {
    if (trouble == trouble_) return;
    trouble_ = trouble;
    world_.Log(LogLevel::kWarn, message, {{"reason", trouble}});
  }

  std::optional<int> OtherSubject(const GateView& view, absl::Duration waited) {
    if (!was_ours_ && waited < patience_) {
      Say("the ConfigMap is of another attempt: waiting for this one's",
          absl::StrCat("subject ", view.subject));
      return std::nullopt;
    }
    world_.Log(LogLevel::kWarn, "superseded: the gate is on another attempt by now",
               {{"subject", subject_}, {"current_subject", view.subject}, {"artifact_id", view.artifact_id}});
    return manifest::kWaitSuperseded;
  }

  void TellChanges(const GateView& view) {
    for (const Json& requirement : view.requirements) {
      std::string& told = requirements_[Text(requirement, "name")];
      if (told == requirement.dump()) continue;
      told = requirement.dump();
      world_.Log(LogLevel::kInfo, "requirement",
                 {{"name", Text(requirement, "name")},
                  {"satisfied", requirement.value("satisfied", Json()) == true},
                  {"reason", Text(requirement, "reason")},
                  {"message", Text(requirement, "message")},
                  {"next_change", Text(requirement, "next_change")}});
    }
    if (view.verdict == verdict_) return;
    verdict_ = view.verdict;
    world_.Log(LogLevel::kInfo, "gate",
               {{"verdict", view.verdict}, {"artifact_id", view.artifact_id}, {"deadline", view.deadline}});
  }

  GateWaitWorld& world_;
  const std::string& subject_;
  const absl::Duration patience_;
  bool was_ours_ = false;
  std::string trouble_;
  std::string verdict_;
  std::map<std::string, std::string> requirements_;  // as told, by name
};

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

class Container final : public GateWaitWorld {
 public:
  explicit Container(std::string dir) : dir_(std::move(dir)) {
    // Process 1 gets only the signals that it asks for; blocked, they wait for Sleep.
    const sigset_t signals = StopSignals();
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    base::ConfigureLog(LogLevel::kInfo, base::LogFormat::kText);
  }

  absl::StatusOr<GateView> Read() override {
    ASSIGN_OR_RETURN(const auto values,
                     ReadConfigMapDir(dir_, {kSubject, kVerdict, kArtifact, kDeadline, kRequirements}));
    absl::StatusOr<GateView> view = ParseGateView(values);
    if (view.ok()) return view;
    return absl::Status(view.status().code(), absl::StrCat(dir_, "/", view.status().message()));
  }

  int Sleep(absl::Duration time) override {
    const sigset_t signals = StopSignals();
    const absl::Time end = absl::Now() + time;
    while (true) {
      const timespec left = absl::ToTimespec(std::max(end - absl::Now(), absl::ZeroDuration()));
      const int signal = sigtimedwait(&signals, nullptr, &left);
      if (signal > 0) return signal;
      if (errno != EINTR) return 0;
    }
  }

  void Log(LogLevel level, absl::string_view message, const base::LogFields& fields) override {
    base::Log(level, message, fields);
  }

 private:
  const std::string dir_;
};

absl::StatusOr<absl::Duration> ParsePositive(absl::string_view flag, const std::string& text,
                                             absl::Duration least) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration) || duration < least || duration == absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(flag, ": \"", text, "\" is no duration of at least ",
                                                   absl::FormatDuration(least), ", as 2s or 1m30s"));
  }
  return duration;
}

absl::Status CheckSubject(const std::string& subject) {
  constexpr size_t kHexDigits = 64;
  const bool is_hex = std::all_of(subject.begin(), subject.end(),
                                  [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
  if (is_hex && subject.size() == kHexDigits) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--subject: \"", subject, "\" is not 64 lower-case hex digits, as the gate's status.subject is"));
}

struct CheckedOptions {
  absl::Duration interval;
  absl::Duration patience;
};

absl::StatusOr<CheckedOptions> Check(const GateWaitOptions& options) {
  CheckedOptions checked;
  RETURN_IF_ERROR(CheckSubject(options.subject));
  ASSIGN_OR_RETURN(checked.interval, ParsePositive("--interval", options.interval, absl::Milliseconds(1)));
  ASSIGN_OR_RETURN(checked.patience, ParsePositive("--patience", options.patience, absl::ZeroDuration()));
  return checked;
}

}  // namespace

void AddGateWait(CLI::App& app, GateWaitOptions& options) {
  app.footer(
      "Exit codes: 0 approved, 1 rejected, 2 timeout, 3 superseded by another attempt, 64 wrong usage.\n"
      "Example: in a Job that mounts the gate's ConfigMap at /gate\n"
      "  function-release-pipeline gate wait --dir /gate --subject \"$SUBJECT\"");
  app.add_option("--dir", options.dir, "Folder that the gate's ConfigMap is mounted at")
      ->required()
      ->type_name("DIR");
  app.add_option("--subject", options.subject, "The attempt that is waited for: status.subject of the gate")
      ->required()
      ->type_name("HEX");
  app.add_option("--interval", options.interval, "How often to look")
      ->capture_default_str()
      ->type_name("DURATION");
  app.add_option("--patience", options.patience,
                 "How long a ConfigMap of another attempt may still be the one before, at the beginning")
      ->capture_default_str()
      ->type_name("DURATION");
}

absl::StatusOr<GateView> ParseGateView(const std::map<std::string, std::string>& values) {
  const auto value = [&](const char* key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string() : found->second;
  };
  GateView view{value(kSubject), value(kVerdict), value(kArtifact), value(kDeadline)};
  view.requirements = base::ParseJson(value(kRequirements));
  const bool are_objects =
      view.requirements.is_array() && std::all_of(view.requirements.begin(), view.requirements.end(),
                                                  [](const Json& item) { return item.is_object(); });
  if (!are_objects) return absl::UnavailableError(absl::StrCat(kRequirements, ": is no list of objects"));
  if (!release::ParseVerdict(view.verdict)) {
    return absl::UnavailableError(absl::StrCat(kVerdict, ": \"", view.verdict, "\" is no verdict"));
  }
  return view;
}

int WaitForVerdict(GateWaitWorld& world, const std::string& subject, absl::Duration interval,
                   absl::Duration patience) {
  Waiter waiter(world, subject, patience);
  for (absl::Duration waited;; waited += interval) {
    if (const std::optional<int> code = waiter.Look(waited)) return *code;
    if (const int signal = world.Sleep(interval); signal != 0) {
      world.Log(LogLevel::kInfo, "stopped", {{"signal", signal}});
      return kSignalExit + signal;
    }
  }
}

int RunGateWait(const GateWaitOptions& options, std::ostream& err) {
  const absl::StatusOr<CheckedOptions> checked = Check(options);
  if (!checked.ok()) {
    SayError(err, checked.status().message());
    return kExitWaitUsage;
  }
  Container container(options.dir);
  return WaitForVerdict(container, options.subject, checked->interval, checked->patience);
}

}  // namespace cli
