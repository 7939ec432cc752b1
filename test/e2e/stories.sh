#!/usr/bin/env bash
# Tells the stories of users on the control plane that up.sh and install.sh made, in one flavour.
#
# usage: stories.sh namespaced|claims [main|STORY...]   the names of stories, without story_; main: those that another core
#                                                       could tell otherwise; default: all
set -uo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/lib.sh"
. "$E2E/objects.sh"
# shellcheck source=/dev/null
for part in "$E2E"/stories/*.sh; do . "$part"; done
use_flavour "${1:-}"
shift
ALL=(called examples names shown approve stalled reject drive not_owned drift invalid job_approved job_rejected job_superseded
  pod_security client_side forged_refs forged_status behind adoption tenant_rights delete timeout)
MAIN=(called examples names shown approve stalled reject drive not_owned drift invalid job_approved forged_refs forged_status behind
  delete timeout)
case ${1:-} in
  '') set -- "${ALL[@]}" ;;
  main) set -- "${MAIN[@]}" ;;
esac
# Before 2.4 Crossplane does not watch what a function requires: only a ttl brings it in.
[[ $(basename "$CORE") != *-2.3 ]] || input pollInterval '"2s"'
for name in "$@"; do
  "story_$name"
done
summary
