package proto

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

const folder = "../../proto"

// compile returns what protoc makes of a file, given its text.
func compile(t *testing.T, name, text string) protoreflect.FileDescriptor {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "set.bin")
	command := exec.Command("protoc", "-I", dir, "--include_imports", "--descriptor_set_out", out, name)
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("protoc: %v\n%s", err, said)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(raw, set); err != nil {
		t.Fatal(err)
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		t.Fatal(err)
	}
	file, err := files.FindFileByPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func source(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSpeaksCrossplanesProtocol(t *testing.T) {
	ours := compile(t, "run_function.proto", source(t, "run_function.proto"))
	upstream := fnv1.File_v1_run_function_proto
	if ours.Package() != upstream.Package() {
		t.Errorf("package %s, upstream %s", ours.Package(), upstream.Package())
	}
	for _, difference := range differences(describe(ours), describe(upstream)) {
		t.Error(difference)
	}
}

// asLazy is what run_function_lazy.proto has to be: every Struct is bytes, and no service.
func asLazy(d description) description {
	lazy := description{}
	for name, text := range d {
		if strings.HasPrefix(name, "rpc ") {
			continue
		}
		lazy[name] = strings.Replace(text, "google.protobuf.Struct =", "bytes =", 1)
	}
	return lazy
}

func TestLazyMessagesAreTheSameButForStructs(t *testing.T) {
	whole := compile(t, "run_function.proto", source(t, "run_function.proto"))
	lazy := compile(t, "run_function_lazy.proto", source(t, "run_function_lazy.proto"))
	if lazy.Package() == whole.Package() {
		t.Errorf("package %s: one program cannot hold two files of it", lazy.Package())
	}
	for _, difference := range differences(describe(lazy), asLazy(describe(whole))) {
		t.Error(difference)
	}
}

// Each case changes our file in one place.
func TestDriftIsSeen(t *testing.T) {
	cases := []struct {
		name, reason, from, to string
		want                   []string
	}{
		{"renamed field", "a name is the name in JSON",
			"string match_name = 3", "string matches_name = 3",
			[]string{"field ResourceSelector.match_name", "field ResourceSelector.matches_name"}},
		{"field number", "another number is another field on the wire",
			"repeated Condition conditions = 6", "repeated Condition conditions = 16",
			[]string{"field RunFunctionResponse.conditions"}},
		{"field type", "the same number with another type is not read",
			"optional google.protobuf.Duration ttl = 2", "optional google.protobuf.Struct ttl = 2",
			[]string{"field ResponseMeta.ttl"}},
		{"label", "of one result only the last would arrive",
			"repeated Result results = 3", "Result results = 3",
			[]string{"field RunFunctionResponse.results"}},
		{"presence", "an empty namespace is not the same as none",
			"optional string namespace = 5", "string namespace = 5",
			[]string{"field ResourceSelector.namespace"}},
		{"oneof", "the members of a oneof exclude each other",
			"MatchLabels match_labels = 4;\n  }", "}\n  MatchLabels match_labels = 4;",
			[]string{"field ResourceSelector.match_labels"}},
		{"map", "a map's entries are messages of their own",
			"map<string, string> labels = 1", "repeated string labels = 1",
			[]string{"field MatchLabels.labels", "field MatchLabels.LabelsEntry.key",
				"field MatchLabels.LabelsEntry.value", "message MatchLabels.LabelsEntry"}},
		{"map value", "connection details are bytes, not text",
			"map<string, bytes> connection_details = 2", "map<string, string> connection_details = 2",
			[]string{"field Resource.ConnectionDetailsEntry.value"}},
		{"enum number", "true and false would change places",
			"READY_TRUE = 1;\n  READY_FALSE = 2;", "READY_FALSE = 1;\n  READY_TRUE = 2;",
			[]string{"value Ready.READY_FALSE", "value Ready.READY_TRUE"}},
		{"missing enum value", "a capability that is unknown here is lost",
			"CAPABILITY_REQUIRED_SCHEMAS = 5;", "",
			[]string{"value Capability.CAPABILITY_REQUIRED_SCHEMAS"}},
		{"method", "gRPC calls methods by name",
			"rpc RunFunction(", "rpc Run(",
			[]string{"rpc FunctionRunnerService.Run", "rpc FunctionRunnerService.RunFunction"}},
		{"stream", "a stream is another kind of call",
			"returns (RunFunctionResponse)", "returns (stream RunFunctionResponse)",
			[]string{"rpc FunctionRunnerService.RunFunction"}},
	}
	ours := source(t, "run_function.proto")
	upstream := describe(fnv1.File_v1_run_function_proto)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(ours, c.from) != 1 {
				t.Fatalf("%q is in the file %d times, not once", c.from, strings.Count(ours, c.from))
			}
			changed := compile(t, "run_function.proto", strings.Replace(ours, c.from, c.to, 1))
			var got []string
			for _, difference := range differences(describe(changed), upstream) {
				name, _, _ := strings.Cut(difference, ": ")
				got = append(got, name)
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: differences %q, want %q", c.reason, got, c.want)
			}
		})
	}
}
