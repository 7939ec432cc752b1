# Sourced by docs_test.sh and test/e2e/docs.sh: how the commands of a page are run.
# $MODE and $TOOLS are set there, and $PROGRAM, which is function-release-pipeline.
# shellcheck shell=bash
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export ROOT TOOLS MODE

docs() { /usr/bin/python3 "$ROOT/test/docs/docs.py" "$@"; } # Debian's, which has python3-yaml
export -f docs

# write_page PAGE FOLDER: in a folder that looks like the project's, so that what a page writes does not stay, what
# run_page runs there. test/docs/given/MODE/PAGE.sh is what the page's commands find given.
write_page() {
  local given
  given=$ROOT/test/docs/given/$MODE/$(basename "$1" .md).sh
  mkdir -p "$2/bin" "$2/build" "$2/home/.ssh"
  ln -s "$ROOT"/{compositions,examples,package,xrds} "$2/"
  ln -s "$PROGRAM" "$2/bin/"
  ln -s "$PROGRAM" "$2/build/"
  ln -s "$TOOLS/crane" "$TOOLS/kustomize" "$2/bin/"
  {
    echo 'set -Eeuo pipefail'
    echo 'trap '\''echo "exit code $?: $BASH_COMMAND" >&2'\'' ERR'
    echo ". \"$ROOT/test/docs/given/lib.sh\""
    [[ ! -e $given ]] || echo ". \"$given\""
    docs script "$MODE" "$1"
  } >"$2/page.sh"
}

# run_page FOLDER [COMMAND...]: runs it, by way of the command; whoever is asked says yes. Blocks that ran are lines "-- PAGE:LINE".
run_page() {
  local folder=$1
  shift
  (cd "$folder" && HOME=$folder/home PATH=$folder/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "$@" timeout --kill-after=10 900 /usr/bin/python3 "$ROOT/test/docs/docs.py" typed bash page.sh)
}
