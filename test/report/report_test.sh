#!/usr/bin/env bash
# Makes reports of exports and holds them against what a page must be: in Chromium, with axe-core, and as an HTML5 parser
# reads them. Pictures of the pages are left in .cache/test/report/.
#
# usage: test/report/report_test.sh     (needs a build in build/, Chromium, and the packages in test/report/node_modules)
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/samples.log
REPORT_SAMPLES=$work build/test/report_test "write the samples" >"$log" || { cat "$log"; exit 1; }

export REPORT_SAMPLES=$work REPORT_PICTURES=$PWD/.cache/test/report
rm -rf "$REPORT_PICTURES"
# What a browser keeps goes with the rest.
TMPDIR=$work node test/report/report_test.mjs
