# shellcheck shell=bash
# A gate as Git has it, with an approval that alice signed, and its pipeline.
pipeline_of shop >pipeline.yaml
gate_of shop ghcr.io/acme/shop:main-abc123 >gate.yaml
function-release-pipeline approval sign gate.yaml --approver alice@example.org --key ~/.ssh/id_ed25519 >entry.yaml
sed "s|^|  |" entry.yaml >>gate.yaml
