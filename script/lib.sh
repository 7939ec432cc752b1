# What the scripts share; to be sourced. Everything here speaks on standard error, but for what it is asked to print.
# shellcheck shell=bash

GO_MINIMUM=1.26
DEPENDENCIES=$(dirname "${BASH_SOURCE[0]}")/dependencies

# Where a part that cannot run is a failure.
in_ci() { [[ ${CI:-} == true ]]; }

# The packages of script/dependencies/NAME.txt.
packages_of() { # NAME...
  local name
  for name in "$@"; do grep -v '^#' "$DEPENDENCIES/$name.txt"; done
}

# Those that are not installed.
missing_packages() { # PACKAGE...
  command -v dpkg-query >/dev/null || { printf '%s\n' "$@"; return; }
  comm -13 <(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' | awk '$1 == "ii" {print $2}' | sort -u) \
    <(printf '%s\n' "$@" | sort -u)
}

# Installs what is missing with apt-get. Says what to do and returns 1 where it cannot.
install_packages() { # PACKAGE...
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if ! command -v apt-get >/dev/null || [[ $EUID -ne 0 ]]; then
    echo "cannot install as this user on this system; missing are these packages of Debian 12: ${missing[*]}" >&2
    return 1
  fi
  echo "installing ${missing[*]}" >&2
  apt-get update -qq >&2 &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# Makes a Python environment with what the file lists, in a folder named after its content. Leaves the folder in $venv.
venv_of() { # REQUIREMENTS
  venv=$PWD/.cache/venv/$(sha256sum "$1" | cut -c1-16)
  [[ ! -x $venv/bin/ready ]] || return 0
  local python=python3
  # Debian's own: others may be first in PATH and come without venv.
  [[ ! -x /usr/bin/python3 ]] || python=/usr/bin/python3
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$1"
  ln -s python "$venv/bin/ready"
}

# Returns 1 and prints why, where Go is too old or not there.
go_problem() {
  local advice="install Go $GO_MINIMUM or later (https://go.dev/dl/; the one of Debian 12 is too old) and put it into PATH"
  if ! command -v go >/dev/null; then
    echo "go: not found; $advice"
    return 1
  fi
  local have
  have=$(GOTOOLCHAIN=local go env GOVERSION)
  have=${have#go}
  if [[ $(printf '%s\n' "$GO_MINIMUM" "$have" | sort -V | head -n 1) != "$GO_MINIMUM" ]]; then
    echo "go: is $have; $advice"
    return 1
  fi
}

# The project's files that begin with this interpreter or have this extension, one a line: those that Git knows or
# would add.
project_files() { # EXTENDED-REGEX of the path
  git ls-files --cached --others --exclude-standard | grep -E "$1" | while read -r file; do
    [[ ! -f $file ]] || echo "$file"
  done
}

# Sums what test programs say about themselves in a log, "PASSED FAILED": the line "N passed, N failed" of our own scripts,
# Catch2's summaries and the results of go test -v.
tally() { # LOG
  awk '
    { sub(/^[0-9]+: /, "") }
    /^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 }
    match($0, /^All tests passed \([0-9]+ assertions? in [0-9]+ test case/) {
      split($0, words, " in "); passed += words[2] + 0
    }
    /^test cases: / {
      for (i = 1; i < NF; i++) {
        if ($(i + 1) == "passed") passed += $i
        if ($(i + 1) == "failed") failed += $i
      }
    }
    /^ *--- PASS: / { passed++ }
    /^ *--- FAIL: / { failed++ }
    END { print passed + 0, failed + 0 }
  ' "$1"
}
