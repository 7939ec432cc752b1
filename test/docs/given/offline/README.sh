# shellcheck shell=bash
# The CLI of Crossplane runs the real Crossplane in a container, or where the flag says.
crossplane() {
  if [[ "$1 $2" == "composition render" ]]; then set -- "$@" --crossplane-binary "$TOOLS/crossplane-core"; fi
  "$TOOLS/crossplane-cli" "$@"
}
