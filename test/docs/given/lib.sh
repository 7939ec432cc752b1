# Sourced before the commands of a page: what all pages find given.
# shellcheck shell=bash

# What is installed for everybody goes into the folder of this page.
sudo() { "${@//\/usr\/local\/bin/$PWD/bin}"; }

# ssh_key: the key that signs, ~/.ssh/id_ed25519. Prints its line of allowed_signers.
ssh_key() {
  [[ -e ~/.ssh/id_ed25519 ]] || ssh-keygen -q -t ed25519 -N '' -C alice@example.org -f ~/.ssh/id_ed25519 </dev/null
  echo "alice@example.org $(cut -d' ' -f1,2 ~/.ssh/id_ed25519.pub)"
}

# apply MANAGER: what it reads, into a cluster.
apply() { kubectl apply --server-side --field-manager="$1" -f - >/dev/null; }
namespace() { kubectl create namespace "$1" --dry-run=client -o yaml | apply given; }

# new_gate TENANT ARTIFACT: a gate that nobody has seen yet, and its pipeline.
new_gate() {
  namespace team
  kubectl -n team delete xpromotiongate "$1-dev-to-staging" --ignore-not-found
  pipeline_of "$1" | apply git
  gate_of "$1" "$2" | apply git
}

# pipeline_of TENANT: an approval by alice or bob lets its artifacts into staging.
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

# approval_of TENANT ARTIFACT SOURCE TARGET: alice's entry on that gate, and nothing else.
approval_of() {
  cat <<MANIFEST
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XPromotionGate
metadata: {name: $1-$3-to-$4, namespace: team}
spec: {approvals: [{approver: alice@example.org, decision: approve, artifact_id: "$2"}]}
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
