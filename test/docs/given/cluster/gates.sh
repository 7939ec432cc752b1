# shellcheck shell=bash
# The gates of two tenants wait; for app's alice has an entry in approval.yaml.
new_gate shop ghcr.io/acme/shop:main-abc123
new_gate app ghcr.io/acme/app:main-abc123
cat >approval.yaml <<MANIFEST
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XPromotionGate
metadata: {name: app-dev-to-staging, namespace: team}
$(docs yaml docs/gates.md 1)
MANIFEST
