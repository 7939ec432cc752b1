#!/usr/bin/env bash
# Holds the sources to the layers of docs/design.md: an include goes down, never up; each third-party library stays
# in the layers that it belongs to; and what is below runner/ does not ask what time it is. CMake cannot: the libraries'
# headers are all in the system's include path.
#
# usage: test/layering/layering_test.sh [FOLDER]      of the sources (default function)
#        test/layering/layering_test.sh --self-test   whether bad sources are found
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

# From the lowest to the highest.
LAYERS=(base release manifest codec runner cli main.cc)

# What | the includes, as a regular expression | the layers that may have them
LIBRARIES=(
  'Protobuf|<google/protobuf/|"proto/|codec runner cli'
  'gRPC|<grpc(pp)?/|runner cli'
  'libevent|<event2/|runner'
  'OpenSSL|<openssl/|base release runner cli'
  'spdlog|<(spdlog|fmt)/|base'
  'yaml-cpp|<yaml-cpp/|cli'
  'CLI11|<CLI/|cli main.cc'
  'input and output|<(fstream|iostream|filesystem|cstdio|stdio\.h|unistd\.h|fcntl\.h|poll\.h|sys/[a-z]+\.h)>|runner cli main.cc'
)

# The time zone database is files, whoever reads it.
IO_FILES='^release/time_zone\.cc$'

# The clock's own two files are all that may read it.
CLOCK='absl::Now\(|(system|steady|high_resolution|utc)_clock|[^A-Za-z_](time|clock_gettime|gettimeofday)\((nullptr|NULL|0|&|CLOCK_)'
CLOCK_LAYERS=(base release manifest codec)
CLOCK_FILES='^base/(clock\.h|log\.cc)$'

contains() { local word=$1; shift; [[ " $* " == *" $word "* ]]; }

rank() {
  local i
  for i in "${!LAYERS[@]}"; do
    [[ ${LAYERS[i]} != "$1" ]] || { echo "$i"; return; }
  done
}

# Prints what is wrong in a folder of sources, a line each.
find_problems() { # FOLDER
  local folder=$1 file layer
  while read -r file; do
    layer=${file%%/*}
    if [[ -z $(rank "$layer") ]]; then
      echo "$file: $layer is no layer; those are ${LAYERS[*]}"
      continue
    fi
    find_upward "$folder" "$file" "$layer"
    find_libraries "$folder" "$file" "$layer"
    find_clock "$folder" "$file" "$layer"
  done < <(cd "$folder" && find . -name '*.cc' -o -name '*.h' | sed 's|^\./||' | sort)
}

find_upward() {
  local line target
  while IFS=: read -r line target; do
    [[ $(rank "$target") -le $(rank "$3") ]] || echo "$2:$line: $3 includes $target, which is above it"
  done < <(grep -nE '^ *# *include *"function/' "$1/$2" | sed -E 's|^([0-9]+):.*"function/([^/"]+).*|\1:\2|')
}

find_libraries() {
  local entry name rest allowed line
  for entry in "${LIBRARIES[@]}"; do
    name=${entry%%|*} allowed=${entry##*|} rest=${entry#*|}
    ! contains "$3" "$allowed" || continue
    ! [[ $name == "input and output" && $2 =~ $IO_FILES ]] || continue
    while IFS=: read -r line _; do
      echo "$2:$line: $3 includes $name, which only $allowed may"
    done < <(grep -nE "^ *# *include *(${rest%|*})" "$1/$2")
  done
}

find_clock() {
  contains "$3" "${CLOCK_LAYERS[@]}" && ! [[ $2 =~ $CLOCK_FILES ]] || return 0
  local line
  while IFS=: read -r line _; do
    echo "$2:$line: $3 asks what time it is; time enters as an argument"
  done < <(grep -nE "$CLOCK" "$1/$2")
}

# Each line: a file, its one line of source, and what has to be said about it ("-": nothing).
self_test() {
  local work passed=0 failed=0 file source wanted got
  work=$(mktemp -d)
  while IFS='|' read -r file source wanted; do
    file=${file// /} source=${source# } source=${source% } wanted=${wanted# }
    mkdir -p "$work/function/$(dirname "$file")"
    printf '// A line before.\n%s\n' "$source" >"$work/function/$file"
    got=$(find_problems "$work/function")
    [[ $wanted == - ]] && wanted= || wanted="$file$wanted"
    if [[ $got == "$wanted" ]]; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      printf 'FAIL: %s\n  got    %s\n  wanted %s\n' "$source" "$got" "$wanted"
    fi
    rm -r "$work/function"
  done <<'END'
release/a.cc  | #include "function/base/time.h"               | -
release/a.cc  | #include "function/release/gate.h"            | -
release/a.cc  | #include "function/manifest/names.h"          | :2: release includes manifest, which is above it
base/a.h      | #include "function/release/gate.h"            | :2: base includes release, which is above it
manifest/a.cc | #include "function/codec/gate_codec.h"        | :2: manifest includes codec, which is above it
codec/a.cc    | #include "function/runner/call.h"             | :2: codec includes runner, which is above it
runner/a.cc   | #include "function/cli/serve.h"               | :2: runner includes cli, which is above it
cli/a.cc      | #include "function/runner/server.h"           | -
main.cc       | #include "function/cli/serve.h"               | -
other/a.cc    | int x;                                        | : other is no layer; those are base release manifest codec runner cli main.cc
release/a.h   | #include <google/protobuf/struct.pb.h>        | :2: release includes Protobuf, which only codec runner cli may
manifest/a.h  | #include "proto/run_function_lazy.pb.h"       | :2: manifest includes Protobuf, which only codec runner cli may
codec/a.cc    | #include <google/protobuf/struct.pb.h>        | -
codec/a.cc    | #include <grpcpp/grpcpp.h>                    | :2: codec includes gRPC, which only runner cli may
release/a.cc  | #include <grpc/support/log.h>                 | :2: release includes gRPC, which only runner cli may
manifest/a.cc | #  include <yaml-cpp/yaml.h>                  | :2: manifest includes yaml-cpp, which only cli may
release/a.cc  | #include <spdlog/spdlog.h>                    | :2: release includes spdlog, which only base may
cli/a.cc      | #include <event2/event.h>                     | :2: cli includes libevent, which only runner may
manifest/a.cc | #include <openssl/evp.h>                      | :2: manifest includes OpenSSL, which only base release runner cli may
codec/a.cc    | #include <CLI/CLI.hpp>                        | :2: codec includes CLI11, which only cli main.cc may
release/a.cc  | #include <fstream>                            | :2: release includes input and output, which only runner cli main.cc may
release/a.cc  | absl::Time t = absl::Now();                   | :2: release asks what time it is; time enters as an argument
manifest/a.cc | auto t = std::chrono::system_clock::now();    | :2: manifest asks what time it is; time enters as an argument
codec/a.cc    | std::time_t t = std::time(nullptr);           | :2: codec asks what time it is; time enters as an argument
base/a.cc     | absl::Time t = absl::Now();                   | :2: base asks what time it is; time enters as an argument
base/clock.h  | absl::Time Now() { return absl::Now(); }      | -
runner/a.cc   | absl::Time t = absl::Now();                   | -
codec/a.cc    | absl::StatusOr<T> time = ParseTime(text);     | -
END
  rm -r "$work"
  echo "$passed passed, $failed failed"
  [[ $failed -eq 0 ]]
}

if [[ ${1:-} == --self-test ]]; then
  self_test
  exit
fi
folder=${1:-function}
[[ -d $folder ]] || { echo "$folder: no such folder" >&2; exit 2; }
problems=$(find_problems "$folder")
if [[ -n $problems ]]; then
  echo "$problems"
  exit 1
fi
