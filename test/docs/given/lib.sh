# Sourced before the commands of a page: what all pages find given.
# shellcheck shell=bash

# What is installed for everybody goes into the folder of this page.
sudo() { "${@//\/usr\/local\/bin/$PWD/bin}"; }

# ssh_key: the key that signs, ~/.ssh/id_ed25519. Prints its line of allowed_signers.
ssh_key() {
  [[ -e ~/.ssh/id_ed25519 ]] || ssh-keygen -q -t ed25519 -N '' -C alice@example.org -f ~/.ssh/id_ed25519 </dev/null
  echo "alice@example.org $(cut -d' ' -f1,2 ~/.ssh/id_ed25519.pub)"
}

# pipeline_of TENANT: signed approvals by alice or bob let its artifacts into staging.
pipeline_of() {
  cat <<MANIFEST
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XReleasePipeline
metadata: {name: $1-pipeline, namespace: team}
spec:
  tenant: $1
  environments: [dev, staging, production]
  allowed_signers: $(ssh_key)
  promotionPolicies:
    dev_to_staging:
      approvals: [{name: owners, approvers: [alice@example.org, bob@example.org]}]
MANIFEST
}

# gate_of TENANT ARTIFACT [SOURCE TARGET]
gate_of() {
  cat <<MANIFEST
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XPromotionGate
metadata: {name: $1-${3:-dev}-to-${4:-staging}, namespace: team}
spec:
  tenant: $1
  artifact_id: $2
  source_environment: ${3:-dev}
  target_environment: ${4:-staging}
MANIFEST
}
