# Merges a patch into a value as RFC 7396 says: null takes away, objects merge, all else replaces.
def merge($patch):
  if ($patch | type) == "object" then
    (if type == "object" then . else {} end)
    | reduce ($patch | to_entries[]) as $e (.;
        if $e.value == null then del(.[$e.key]) else .[$e.key] |= merge($e.value) end)
  else $patch end;

# {of: X, times: N}: the text X N times, or a list of N objects X in which % is the index.
def unfold:
  walk(if type == "object" and has("of") and has("times") then
         . as $r
         | if (.of | type) == "string" then .of * .times
           else [range(.times) as $i | $r.of | walk(if type == "string" then gsub("%"; "\($i)") else . end)] end
       else . end);

# The object of a case. The Input has its fields at the root, everything else in spec.
def object($kind; $name; $fields):
  {kind: $kind, metadata: {name: $name, namespace: "hello"}}
  + if $kind == "Input" then {apiVersion: "release.fn.zerotouch.dev/v1beta1"} + $fields
    else {apiVersion: "platform.zerotouch.dev/v1alpha1", spec: $fields} end;

def objects($kind; $section):
  .base as $base | .[$section][]
  | (.patch | unfold) as $patch | object($kind; .name; $base | merge($patch));

# One line a case for the shell: name, field and message, then whatever else, with a separator that is in no text.
def line($more): ([.name, .field // "", .message // ""] + $more) | join("\u0001");

# Every schema of a CRD or XRD with its path: [path, schema].
def schemas($path):
  [$path, .],
  ((.properties // {}) | to_entries[] | .key as $k | .value | schemas("\($path).\($k)")),
  (if .items then .items | schemas("\($path)[]") else empty end),
  (if (.additionalProperties | type) == "object" then .additionalProperties | schemas("\($path).*") else empty end);
def all_schemas: .spec.versions[] | .schema.openAPIV3Schema | schemas("");

# What somebody could write without end, and what the reference would say nothing about.
def unbounded:
  all_schemas | select(.[0] != ".apiVersion" and .[0] != ".kind")
  | select((.[1].type == "string" and ((.[1].maxLength // .[1].enum) | not))
           or (.[1].type == "array" and (.[1].maxItems | not))
           or (.[1].type == "object" and .[1].additionalProperties != null and (.[1].maxProperties | not))) | .[0];
def undescribed: all_schemas | select(.[0] != ".metadata" and (.[1].description | not)) | .[0];

# What `resource validate` says about one object: "valid", or the message of each error. Rules about a value that has
# the wrong shape anyway are left out: the API server does not run them either. "<nil>" says again that a number is
# not an integer.
def found($name):
  .resources[] | select(.name == $name)
  | if .status == "valid" then "valid"
    else (.errors | any(.type != "cel")) as $shape
      | .errors[] | select(.type != "cel" or ($shape | not)) | .message | select(startswith("<nil>") | not) end;
