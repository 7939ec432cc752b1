#!/usr/bin/env bash
# Tells the stories of users on the control plane that up.sh and install.sh made, in one flavour.
#
# usage: stories.sh namespaced|claims GROUP|STORY...     the names of stories, without story_
#
# Groups:
#   unguarded   what somebody could do where nobody installed package/policy, and what it comes to
#   guarded     what people do every day: the same with the policies (policies.sh installs them) and without
#   main        of both, what another core could tell otherwise
set -uo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/lib.sh"
. "$E2E/objects.sh"
# shellcheck source=/dev/null
for part in "$E2E"/stories/*.sh; do . "$part"; done
use_flavour "${1:-}"
shift
# Within a group first those that change the Compositions: all the pipelines and gates that are there are called for it.
declare -A GROUPS_OF_STORIES=(
  [unguarded]="called examples names drift client_side forged_refs forged_status behind adoption"
  [guarded]="drive health_driving invalid health metrics shown approve stalled reject not_owned job_approved job_rejected
    job_superseded pod_security tenant_rights people_approve people_and_change people_and_hands people_print people_own_name
    delete timeout"
  [main]="called drive examples names approve stalled reject drift job_approved forged_status behind delete timeout"
)
stories=()
for name in "${@:?a group of stories, or their names}"; do
  read -ra told -d '' <<<"${GROUPS_OF_STORIES[$name]:-$name}" || true
  stories+=("${told[@]}")
done
for name in "${stories[@]}"; do
  declare -F "story_$name" >/dev/null || { echo "$name: no such story or group; groups are ${!GROUPS_OF_STORIES[*]}" >&2; exit 2; }
done
# Before 2.4 Crossplane does not watch what a function requires: only a ttl brings it in.
[[ $(basename "$CORE") != *-2.3 ]] || POLL='"3s"'
input pollInterval "${POLL:=}"
for name in "${stories[@]}"; do
  "story_$name"
done
summary
