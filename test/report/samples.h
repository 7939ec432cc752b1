// Exports to make reports of: what kubectl would print of clusters in which things happened. The function
// itself decided all of it, on a clock that only the story moves: the same in every run.
#ifndef TEST_REPORT_SAMPLES_H_
#define TEST_REPORT_SAMPLES_H_

#include <string>
#include <vector>

#include "function/base/json.h"
#include "function/release/composite.h"

namespace test {

struct Sample {
  std::string name;
  base::Json list;              // apiVersion v1, kind List
  std::string allowed_signers;  // text; empty: nothing in it is signed
  std::string audit_key;        // empty: made without
};

// Four pipelines of a team and a gate without its pipeline: released, waiting, with rejects, a timeout, an
// override, and a trail that somebody altered.
Sample Shop(release::Flavour flavour);

// One pipeline in which everything is released, with signed approvals and a keyed trail.
Sample Quiet();

// What was made a moment ago, and nothing has happened to yet.
Sample Fresh();

// shop, claims, quiet, fresh.
std::vector<Sample> AllSamples();

}  // namespace test

#endif  // TEST_REPORT_SAMPLES_H_
