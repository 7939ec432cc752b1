#!/usr/bin/env bash
# Plays the kubelet for the installed Function: takes the serving certificate that Crossplane issued for it, starts the
# binary out of the image as UID 2000, and reports its Deployment available.
#
# usage: function.sh [FLAG...]   flags for the function beside those that its image has
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/daemons.sh"
. "$E2E/kubelet.sh"
mount_certificate "$FUNCTION"
start_function function "$@"
report_available "$FUNCTION"
