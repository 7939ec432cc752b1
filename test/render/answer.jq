# What `crossplane composition render` printed (documents, the XR first), as the answer of the function that a story
# exported.

def without_empty: if . == {} then null else . end;

# What Crossplane adds to what it composes, and what it leaves out of what is empty.
def composed:
  del(.metadata.ownerReferences, .metadata.annotations["crossplane.io/composition-resource-name"],
      .metadata.labels["crossplane.io/composite"], .metadata.labels["crossplane.io/claim-name"],
      .metadata.labels["crossplane.io/claim-namespace"])
  | .metadata.annotations |= without_empty | .metadata.labels |= without_empty;

def is_result: .kind == "Result" and .apiVersion == "render.crossplane.io/v1beta1";

# Events of Crossplane's own are not the function's.
def prefix: "Pipeline step \"release\": ";

def answer_of_render($types):
  .[0] as $xr
  | {
      status: ($xr.status | del(.conditions, .claimConditionTypes)),
      conditions: [$types[] as $type | $xr.status.conditions[] | select(.type == $type) | {type, status, reason, message: (.message // "")}],
      results: [.[] | select(is_result and (.message | startswith(prefix))) | {severity, reason, message: (.message | ltrimstr(prefix))}],
      resources: ([.[1:][] | select(is_result | not)
        | {key: .metadata.annotations["crossplane.io/composition-resource-name"], value: composed}] | from_entries)
    };

# An exported answer in the same words.
def answer_of_story: .resources |= map_values(composed);
