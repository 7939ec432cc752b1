#!/usr/bin/env bash
# Ends the control plane: exactly the process that holds its namespaces; the kernel then ends everything inside.
. "$(dirname "$0")/env.sh"
if [[ -e $RUN/unshare.pid ]]; then
  holder=$(cat "$RUN/unshare.pid")
  inner=$(cat "$RUN/ns.pid" 2>/dev/null)
  [[ -z $inner ]] || kill -KILL "$inner" 2>/dev/null
  kill -KILL "$holder" 2>/dev/null
  for _ in $(seq 50); do
    kill -0 "$holder" 2>/dev/null || break
    sleep 0.1
  done
fi
[[ ${KEEP:-} ]] || rm -rf "$RUN"
