#!/usr/bin/env bash
# Builds the packages of a version with the real CLI, pushes them to the registry of the control plane, and unpacks the
# image, which is what a kubelet would start.
#
# usage: publish.sh namespaced|claims VERSION IMAGE
set -euo pipefail
. "$(dirname "$0")/env.sh"
version=$2 image=$3
case $1 in
  namespaced) package=configuration ;;
  claims) package=configuration-claims ;;
  *) echo "$1: namespaced or claims" >&2; exit 2 ;;
esac
packages=$RUN/packages-$version
"$ROOT/script/package" --version "$version" --repository "$REPOSITORY" --image "$image" --output "$packages" --tools "$BIN"
unpack_image "$image"

push() { ns "$BIN/crossplane-cli" xpkg push -f "$packages/$1.xpkg" "$REGISTRY/zerotouch/$2:$version"; }
push function function-release-pipeline
push "$package" "$package-release-pipeline"
