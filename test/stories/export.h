// Moments of stories as files. The stories run with a stand-in for Crossplane; test/render asks the real one
// the same, and holds its answers against those that are in the files.
#ifndef TEST_STORIES_EXPORT_H_
#define TEST_STORIES_EXPORT_H_

#include <string>

#include "test/stories/world.h"

namespace test {

// What test/render has to see beside the same answer.
enum class Expect { kAnything, kOpen, kClosed };

// Writes a moment to $EXPORT_STORIES/<name and flavour>.json; nothing where that is not set. Every name is
// used once.
void Export(const World& world, const std::string& name, const Moment& moment, Expect expect);

// From now on exports every reconcile that writes something, named by the story and numbered.
void ExportReconciles(World& world, const std::string& story);

}  // namespace test

#endif  // TEST_STORIES_EXPORT_H_
