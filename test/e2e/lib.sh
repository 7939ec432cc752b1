# Sourced by everything that tells stories: what a story may say, how it is counted, and what is shown when it fails.
# shellcheck shell=bash
passed=0 failed=0
STORY='' NS='' DUMPED=''
STORY_STARTED=0

# story NAME [NAMESPACE]: begins a story, in a namespace of its own where one is named, else in the one before.
story() {
  [[ -z $STORY ]] || story_end
  STORY=$1 STORY_STARTED=$SECONDS
  echo "== $STORY"
  [[ -n ${2:-} ]] || return 0
  NS=$2
  k create namespace "$NS" >/dev/null || no "a namespace $NS of its own" "it can't be made"
}

story_end() {
  echo "   ($((SECONDS - STORY_STARTED)) s)"
  STORY=''
}

ok() { # WHAT
  passed=$((passed + 1))
  printf '   ok     %s\n' "$1"
}

no() { # WHAT SEEN
  local line
  failed=$((failed + 1))
  printf '   FAILED %s\n' "$1"
  while IFS= read -r line; do printf '            saw: %s\n' "${line:0:800}"; done <<<"$2"
  [[ $DUMPED == "$STORY" ]] || dump
  DUMPED=$STORY
}

# A machine that is busy with other things answers late, or not at all. That is no answer to what a story asks.
SLOW_MACHINE='Unable to connect to the server|TLS handshake timeout|connection refused|request timed out|etcdserver: '
no_answer() { grep -Eq "$SLOW_MACHINE" <<<"$1"; }

# expect WHAT SECONDS COMMAND...: the command succeeds within the seconds (0: at once; else 120 at the least, which only a
# failure takes, however busy the machine is); what it printed last is what was seen.
expect() {
  local what=$1 limit=$2 began seen pause=0.2
  shift 2
  ((limit == 0 || limit >= 120)) || limit=120
  # What comes after a failure rarely goes better for waiting.
  [[ $DUMPED != "$STORY" ]] || limit=10
  began=$SECONDS
  until seen=$("$@" 2>&1); do
    if ((SECONDS - began >= limit)); then
      no "$what (waited $limit s: $*)" "$seen"
      return 0
    fi
    # What takes longer is not asked for as often: asking takes time from what it waits for.
    ((SECONDS - began < 3)) || pause=1
    sleep $pause
  done
  ((SECONDS - began < 3)) || what+=" ($((SECONDS - began)) s)"
  ok "$what"
}

# always WHAT SECONDS COMMAND...: the command succeeds over and over, for that long.
always() {
  local what=$1 limit=$2 began seen
  shift 2
  began=$SECONDS
  while ((SECONDS - began < limit)); do
    if ! seen=$("$@" 2>&1) && ! no_answer "$seen"; then
      no "$what (after $((SECONDS - began)) of $limit s: $*)" "$seen"
      return 0
    fi
    sleep 0.3
  done
  ok "$what"
}

# refuse WHAT TEXT COMMAND...: the command fails, and says TEXT (an extended regular expression).
refuse() {
  local what=$1 text=$2 seen refused
  shift 2
  for _ in 1 2 3 4 5; do
    refused=yes
    seen=$("$@" 2>&1) && refused=no
    if [[ $refused == no ]] || ! no_answer "$seen"; then break; fi
  done
  if [[ $refused == no ]]; then
    no "$what: it was not refused ($*)" "$seen"
  elif ! grep -Eq -- "$text" <<<"$seen"; then
    no "$what: refused, but not with '$text'" "$seen"
  else
    ok "refused: $what"
  fi
}

# What there is to know where something failed: once a story.
dump() {
  [[ -n $NS ]] || return 0
  {
    echo "---- namespace $NS"
    k -n "$NS" get "$GATES,$PIPELINES,configmaps,jobs,pods,roles,rolebindings,externalsecrets" --ignore-not-found
    k -n "$NS" get "$GATES,$PIPELINES" -o json |
      jq -c '.items[] | {name: .metadata.name, spec: (.spec | del(.crossplane)), status: (.status
        | del(.audit, .requirements) | .conditions |= (. // [] | map("\(.type)=\(.status)/\(.reason): \(.message)")))}'
    echo "---- events"
    k -n "$NS" get events --sort-by=.lastTimestamp 2>&1 | tail -n 20
    echo "---- the function's log"
    tail -n 8 "$LOG/function.log"
    echo "---- Crossplane's errors"
    grep -hE '(ERROR|error)' "$LOG/core.log" | grep "$NS" | tail -n 5 | cut -c1-600
  } 2>&1 | sed 's/^/            | /'
}

# The last lines of every suite: 0 only where nothing failed, and something was there to pass.
summary() {
  [[ -z $STORY ]] || story_end
  echo "$passed passed, $failed failed"
  ((failed == 0 && passed > 0))
}

# The function's own process: what spawn started is a shell with nsenter in it, and the last descendant is the function.
function_process() {
  local pid child
  pid=$(cat "$RUN/function.pid")
  kill -0 "$pid" 2>/dev/null || return
  while child=$(pgrep -P "$pid"); do pid=$child; done
  echo "$pid"
}
# A function that does not answer for a while. nsenter stops along with its child, and has to be woken too.
pause_function() { kill -STOP "$(function_process)"; }
resume_function() {
  local process
  process=$(function_process)
  kill -CONT "$process" "$(ps -o ppid= -p "$process" | tr -d ' ')"
}
function_stopped() { ! function_process && ! ns bash -c 'exec 3<>/dev/tcp/127.0.0.1/9443'; }

# restart_function FLAG...: as the kubelet does when a pod's arguments change. On its own address, because another function may
# be on that port too (auto_ready.sh).
restart_function() {
  local seen
  if ! seen=$(kill -TERM "$(function_process)" && wait_for 15 "the function stopped" function_stopped &&
    "$E2E/function.sh" --address=127.0.0.1:9443 "$@"); then
    no "the function starts again with: $*" "$seen"
  fi
}
