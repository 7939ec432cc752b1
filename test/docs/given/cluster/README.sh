# shellcheck shell=bash
# Nothing is installed yet, the plugin neither.
rm bin/kubectl-release bin/function-release-pipeline
