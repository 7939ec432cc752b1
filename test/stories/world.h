// A tenant, `web`, in namespace `team`, and everybody who edits its pipeline and gates: the words that
// stories are told in.
#ifndef TEST_STORIES_WORLD_H_
#define TEST_STORIES_WORLD_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "function/base/json.h"
#include "test/support/cluster.h"

namespace test {

// "a" → "ghcr.io/acme/web:main-aaaaaaa", and back. "" stays.
std::string Artifact(const std::string& letter);
std::string Letter(const std::string& artifact);

// Both flavours and both orders of the queue, one after the other (a Catch generator); ttls that long stories
// can afford.
ClusterOptions EveryCluster();
ClusterOptions BothFlavours();
ClusterOptions OneCluster();

class World {
 public:
  explicit World(ClusterOptions options) : cluster(std::move(options)) {}

  Ref Pipeline(const std::string& name = "web-pipeline") const;
  Ref Gate(const std::string& slug, const std::string& tenant = "web") const;
  Ref ConfigMap(const std::string& name = "web-release-pipeline-config") const;
  // The object as it is, or null.
  base::Json Get(const Ref& ref) const;

  // Git's version of the pipeline: the spec is changed by a merge patch and applied as a whole.
  void Git(const base::Json& patch, const std::string& name = "web-pipeline");
  // An approval through Git; it stays there until the artifact changes.
  void GitApproval(const std::string& target, const std::string& who, const std::string& letter,
                   int attempt = 1);
  // An entry that a person puts on the gate itself.
  void Approve(const std::string& slug, const std::string& who, const std::string& letter, int attempt = 1,
               const std::string& decision = "approve");
  // The same with the entry spelled out, applied by its approver.
  void Put(const std::string& slug, const base::Json& entry);
  // A gate made or edited by a pipeline script.
  void Script(const std::string& slug, const std::string& letter,
              const base::Json& more = base::Json::object());
  // Somebody with the right to edit the object does so.
  void Forge(const Ref& ref, const std::function<void(base::Json&)>& edit);

  // What the pipeline and its gates show, in one line:
  //   dev=a staging=- production=- at dev | dev-to-staging a#1 pending(Approvals) | GatePending
  std::string Show() const;
  // The same of one gate: "staging-to-production a#1 pending(AwaitingApprovals) by bob", or "" if there is
  // none.
  std::string ShowGate(const std::string& slug, const std::string& tenant = "web") const;
  // Who does not count, and why: "alice:OtherArtifact, bob:NotNeeded".
  std::string Ignored(const std::string& slug) const;
  // The actions of a gate's audit trail, without those that only note what others reported.
  std::string Trail(const std::string& slug) const;

  Cluster cluster;
  std::string namespace_name = "team";

 private:
  std::map<std::string, base::Json> specs_;  // by namespace and name
};

// One step of a story: what happens, and what is to be seen once everything has settled.
struct Line {
  std::string happens;
  std::function<void(World&)> act;
  std::string shows;
};

// Tells a story: acts, settles, compares; and after each line no write was refused, nothing moves any more,
// and no object took more calls than a handful to get there.
void Tell(World& world, const std::vector<Line>& story);

inline constexpr int kMaxCalls = 24;  // of one XR for one edit; a reconcile takes two or three

}  // namespace test

#endif  // TEST_STORIES_WORLD_H_
