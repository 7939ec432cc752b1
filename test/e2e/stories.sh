#!/usr/bin/env bash
# Tells the stories of users on the control plane that up.sh and install.sh made, in one flavour.
#
# usage: stories.sh namespaced|claims [STORY...]   the names of stories, without story_; default: all
set -uo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/lib.sh"
. "$E2E/objects.sh"
# shellcheck source=/dev/null
for part in "$E2E"/stories/*.sh; do . "$part"; done
use_flavour "${1:-}"
shift
ALL=(examples names shown approve stalled reject drive not_owned drift invalid job_approved job_rejected job_superseded
  pod_security people_approve people_and_change people_and_hands people_print client_side forged_refs forged_status behind
  tenant_rights health health_driving metrics delete timeout)
[[ $# -gt 0 ]] || set -- "${ALL[@]}"
for name in "$@"; do
  "story_$name"
done
summary
