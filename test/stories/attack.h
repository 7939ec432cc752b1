// Attacks: somebody tries to get an artifact through a gate. Each is a story, and each is asked of the real
// Crossplane too (export.h). docs/security.md lists them by these names.
#ifndef TEST_STORIES_ATTACK_H_
#define TEST_STORIES_ATTACK_H_

#include <functional>
#include <string>
#include <vector>

#include "function/release/gate.h"
#include "test/stories/world.h"
#include "test/unit/release/ssh_signer.h"

namespace test {

inline constexpr char kIntoStaging[] = "dev-to-staging";
inline constexpr char kIntoProduction[] = "staging-to-production";

struct Attack {
  std::string name;
  std::string because;  // it fails
  std::function<void(World&)> act;
  std::string shows;    // the gate once everything has settled
  std::string ignored;  // who does not count there, and why
  std::string gate = kIntoProduction;
};

// The gate stays closed: at the first look after the attack, once all has settled, and an hour later.
void MustFail(World& world, const Attack& attack);

// The same without an attack: the gate opens, so that it is the attack's fault where it does not.
void MustOpen(World& world, const std::string& name, const std::function<void(World&)>& act,
              const std::string& gate = kIntoProduction);

// The same letter is the same key.
const release::SshSigner& Key(char letter);

// What an approval for a gate of `web` in `team` signs.
release::Subject SubjectOf(const std::string& gate, const std::string& letter, int attempt = 1);

base::Json Entry(const std::string& who, const std::string& letter, int attempt = 1,
                 const std::string& decision = "approve");
base::Json Signed(base::Json entry, const release::Subject& subject, char key);

// a is in staging without anybody's approval; its gate to production waits. Rita asked for it.
void ReachProduction(World& world, const base::Json& pipeline = base::Json::object());

}  // namespace test

#endif  // TEST_STORIES_ATTACK_H_
