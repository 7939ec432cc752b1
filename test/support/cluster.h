// Crossplane and the API server around the function, for stories: what Crossplane does with an answer (see
// docs on composition functions) is done here to the objects of an ApiServer, one reconcile after the other
// and on a clock that only the story moves. The function is called as the server calls it: bytes in, bytes
// out.
//
// Kept: rounds of required resources, resourceRefs, garbage collection, controller references, the order of
// the writes (garbage, composed resources, status, conditions and events), FATAL results, ttl, watches,
// claims. Left out: the jitter of a ttl, several functions in a row, deletion that waits for finalizers.
#ifndef TEST_SUPPORT_CLUSTER_H_
#define TEST_SUPPORT_CLUSTER_H_

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "function/base/clock.h"
#include "function/base/json.h"
#include "function/release/composite.h"
#include "proto/run_function_lazy.pb.h"
#include "test/support/api_server.h"

namespace test {

struct ClusterOptions {
  release::Flavour flavour = release::Flavour::kNamespaced;
  bool watches_required = true;  // as core 2.4 and later do; before, only a ttl polls what was required
  bool answers_required = true;  // false: what is asked for never comes
  bool newest_first = false;     // the order in which what is queued is reconciled
  std::string audit_key;         // the function credential; empty: none
  base::Json input = base::Json::object();  // fields of the Composition's Input
};

class SettableClock final : public base::Clock {
 public:
  explicit SettableClock(absl::Time now) : now_(now) {}
  absl::Time Now() const override { return now_; }
  void Set(absl::Time now) { now_ = now; }

 private:
  absl::Time now_;
};

// A Kubernetes event.
struct RecordedEvent {
  Ref about;
  std::string type;  // Normal, Warning
  std::string reason;
  std::string message;
};

// What the function was asked about an XR, and what it answered: a reconcile before its writes.
struct Moment {
  absl::Time now;
  ObjectPtr xr;
  std::map<std::string, ObjectPtr> observed;  // by composition resource name
  std::vector<ObjectPtr> required;  // what the function asked for, as far as there is such an object
  fn::lazy::RunFunctionResponse answer;
};

class Cluster {
 public:
  explicit Cluster(ClusterOptions options);

  ApiServer& api() { return api_; }
  const ApiServer& api() const { return api_; }
  absl::Time Now() const { return clock_.Now(); }
  ClusterOptions& options() { return options_; }
  const ClusterOptions& options() const { return options_; }

  // The kind that people write: the XR, or its claim.
  std::string PipelineKind() const;
  std::string GateKind() const;
  bool IsClaims() const { return options_.flavour == release::Flavour::kClaims; }

  // Reconciles until nothing is queued. Throws where that takes more than kMaxReconciles of one object: a
  // loop.
  void Settle();

  // Reconciles every XR and claim again, as Crossplane does after a restart.
  void Resync();

  // What becomes of a claim first: its spec goes to its XR. An XR is its own.
  void PassOn(const Ref& ref);

  // Asks the function about an XR as a reconcile right now would, and writes nothing.
  absl::StatusOr<Moment> Ask(const Ref& xr) const;

  // Is told every reconcile that wrote something.
  using Recorder = std::function<void(const Ref&, const Moment&)>;
  void Record(Recorder recorder) { recorder_ = std::move(recorder); }

  // Moves the clock, and settles at every ttl that runs out on the way.
  void Advance(absl::Duration duration);

  // Faults.
  void DropWatchEvents(bool drop) { drop_watch_events_ = drop; }  // of XRs, as the circuit breaker does
  void DiscardNextStatus(const Ref& xr) { discard_status_of_.insert(xr); }

  // How often the function was called for each XR since the last ResetCalls.
  const std::map<Ref, int>& calls() const { return calls_; }
  void ResetCalls() { calls_.clear(); }
  std::vector<RecordedEvent>& events() { return events_; }
  // What kept the last reconcile of an XR from being done: a FATAL result or a refused write; "" if nothing.
  std::string ErrorOf(const Ref& xr) const;
  // The XR of a claim; an XR is its own.
  Ref XrOf(const Ref& ref) const;

  static constexpr int kMaxReconciles = 12;

 private:
  struct Desired {
    std::map<std::string, base::Json> resources;  // by composition resource name
    std::map<std::string, bool> ready;
    base::Json status;
  };

  bool IsXr(const Ref& ref) const;
  bool IsClaim(const Ref& ref) const;
  void OnChange(const Ref& ref, const base::Json& object);
  void Enqueue(const Ref& ref);
  void EnqueueChanged(const Ref& ref);

  void ReconcileClaim(const Ref& claim);
  void DeleteXrsOf(const Ref& claim);
  base::Json XrFor(const base::Json& claim, const std::string& xr_name) const;
  void CopyStatusToClaim(const base::Json& claim, const base::Json& xr);

  void ReconcileXr(const Ref& ref);
  std::map<std::string, ObjectPtr> Observe(const base::Json& xr) const;
  // `calls`: how many it took.
  absl::StatusOr<Moment> Compose(const ObjectPtr& xr, int& calls) const;
  fn::lazy::RunFunctionRequest RequestFor(const base::Json& xr,
                                          const std::map<std::string, ObjectPtr>& observed) const;
  // Into the request, and, with who was found, into the moment.
  void Answer(const fn::lazy::Requirements& requirements, fn::lazy::RunFunctionRequest& request,
              Moment& moment) const;
  absl::StatusOr<fn::lazy::RunFunctionResponse> Call(fn::lazy::RunFunctionRequest request) const;

  void Write(const Ref& ref, const Moment& moment);
  absl::Status WriteAll(const Ref& ref, const Moment& moment);
  absl::Status WriteRefs(const base::Json& xr, const Desired& desired);
  absl::Status WriteComposed(const base::Json& xr, const std::string& key, base::Json object);
  absl::Status WriteStatus(const Ref& ref, const base::Json& xr, const base::Json& status);
  void WriteConditions(const Ref& ref, const fn::lazy::RunFunctionResponse& response,
                       const absl::Status& outcome);
  void RecordEvents(const Ref& ref, const fn::lazy::RunFunctionResponse& response);

  ClusterOptions options_;
  SettableClock clock_;
  ApiServer api_;
  std::deque<Ref> queue_;
  std::map<Ref, absl::Time> due_;                       // by ttl
  std::map<Ref, fn::lazy::Requirements> requirements_;  // of the last call
  std::map<Ref, int> calls_;
  std::map<Ref, std::string> errors_;
  std::set<Ref> discard_status_of_;
  std::vector<RecordedEvent> events_;
  Recorder recorder_;
  bool drop_watch_events_ = false;
  int last_suffix_ = 0;
};

}  // namespace test

#endif  // TEST_SUPPORT_CLUSTER_H_
