#!/usr/bin/env bash
# The image's software bill of materials, and whether the binary can be built again: is what the image's build made, in
# another folder and another root, byte by byte what the build here makes?
#
# usage: test/package/supply_chain_test.sh [TARBALL]
#   TARBALL  the runtime image (default build/packages/runtime.tar); the binary is build/function-release-pipeline
#   $PYTHON  a Python with spdx-tools (test/package/requirements.txt)
# shellcheck disable=SC2016  # jq's variables, not the shell's
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

tarball=${1:-build/packages/runtime.tar}
[[ -f $tarball ]] || { echo "$tarball: no such file; script/image makes it" >&2; exit 2; }
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
check() { # NAME CONDITION...
  if "${@:2}" >"$work/said" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL: $1"
    head -n 40 "$work/said" | sed 's/^/  /'
  fi
}
equals() { diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"); }

mkdir "$work/archive" "$work/root"
tar -xf "$tarball" -C "$work/archive"
jq -r '.[0].Layers[]' "$work/archive/manifest.json" | while read -r layer; do tar -xf "$work/archive/$layer" -C "$work/root"; done
binary=$work/root/function-release-pipeline
sbom=$work/root/usr/share/doc/function-release-pipeline/sbom.spdx.json

# ---- The bill of materials.

valid() { "$python" -m spdx_tools.spdx.clitools.pyspdxtools --infile "$1"; }
refuses_a_broken_one() { jq 'del(.packages[1].SPDXID)' "$sbom" >"$work/broken.spdx.json" && ! valid "$work/broken.spdx.json"; }
sbom() { jq -r "$1" "$sbom"; }
linked() { sbom '(.packages | INDEX(.SPDXID)) as $all | .relationships[] | select(.relationshipType == "STATIC_LINK") | $all[.relatedSpdxElement] | "\(.name) \(.versionInfo)"' | sort; }
check "it is valid SPDX 2.3" valid "$sbom"
check "a broken one would not be" refuses_a_broken_one
check "it is of this very binary" equals "$(sbom '.packages[] | select(.name == "function-release-pipeline") | .checksums[0].checksumValue')" \
  "$(sha256sum "$binary" | cut -d' ' -f1)"
check "every package has a version" equals "$(sbom '[.packages[] | select((.versionInfo // "") == "")] | length')" 0
check "every package is there once" equals "$(sbom '.packages | length')" "$(sbom '[.packages[].SPDXID] | unique | length')"
for package in libabsl-dev libc-ares-dev libc6-dev libevent-dev libgcc-12-dev libgrpc++-dev libgrpc-dev libprotobuf-dev libre2-dev \
  libssl-dev libstdc++-12-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev libspdlog-dev zlib1g-dev; do
  check "$package is in it" grep -q "^$package " <(linked)
done
check "tzdata is in the image" equals "$(sbom '[.packages[] | select(.name == "tzdata")] | length')" 1
check "it lies beside the image too" cmp "$sbom" "$(dirname "$tarball")/sbom.spdx.json"

# ---- The image's base, and building again.

check "the image has no base" grep -qx 'FROM scratch' <(grep '^FROM' Dockerfile | tail -n 1)

# Another compiler or library makes another binary, so they are compared first.
made_with() { jq -r '.packages[] | select(.externalRefs) | "\(.name) \(.versionInfo)"' "$1" | sort -u; }
builds_again() {
  [[ -f build/function-release-pipeline ]] || { echo "build/function-release-pipeline: is not there; build it first"; return 1; }
  strip -o "$work/stripped" build/function-release-pipeline
  script/sbom --build build --binary "$work/stripped" >"$work/here.spdx.json"
  if ! diff <(made_with "$sbom") <(made_with "$work/here.spdx.json") >"$work/packages"; then
    echo "note: not compared byte by byte: the image was made with other packages than are installed here (apt-get upgrade)"
    sed 's/^/  /' "$work/packages"
    return
  fi
  sha256sum "$work/stripped" "$binary" | cut -d' ' -f1 | uniq | wc -l | grep -qx 1 || { sha256sum "$work/stripped" "$binary"; return 1; }
}
check "built here and built in the image's root, it is the same byte by byte" builds_again
grep -A 40 '^note: ' "$work/said" || true

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
