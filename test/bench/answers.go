package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// decoded is an answer as plain values, of which the order of conditions is not part.
func decoded(answer []byte) (object, error) {
	response := &fnv1.RunFunctionResponse{}
	if err := proto.Unmarshal(answer, response); err != nil {
		return nil, err
	}
	sort.Slice(response.Conditions, func(i, j int) bool {
		return response.GetConditions()[i].GetType() < response.GetConditions()[j].GetType()
	})
	encoded, err := protojson.Marshal(response)
	if err != nil {
		return nil, err
	}
	plain := object{}
	return plain, json.Unmarshal(encoded, &plain)
}

// compare says how an answer differs from ours: "" where it is equal in everything.
func compare(ours, theirs []byte) string {
	want, err := decoded(ours)
	must(err)
	got, err := decoded(theirs)
	if err != nil {
		return err.Error()
	}
	differences := []string{}
	differ("", got, want, &differences)
	const shown = 10
	if len(differences) > shown {
		differences = append(differences[:shown], fmt.Sprintf("and %d more", len(differences)-shown))
	}
	return strings.Join(differences, "\n")
}

func differ(path string, got, want any, differences *[]string) {
	gotFields, gotObject := got.(object)
	wantFields, wantObject := want.(object)
	if gotObject && wantObject {
		names := object{}
		maps.Copy(names, gotFields)
		maps.Copy(names, wantFields)
		for _, name := range sortedKeys(names) {
			differ(path+"."+name, gotFields[name], wantFields[name], differences)
		}
		return
	}
	gotItems, gotList := got.([]any)
	wantItems, wantList := want.([]any)
	if gotList && wantList && len(gotItems) == len(wantItems) {
		for i := range gotItems {
			differ(fmt.Sprintf("%s[%d]", path, i), gotItems[i], wantItems[i], differences)
		}
		return
	}
	if !reflect.DeepEqual(got, want) {
		gotText, _ := json.Marshal(got)
		wantText, _ := json.Marshal(want)
		*differences = append(*differences, fmt.Sprintf("  %s\n     got %s\n    want %s", path, gotText, wantText))
	}
}

// succeeds is what every answer under load has to do: to have no FATAL result, and the resources that ours has. (Not the
// same bytes: the servers' clocks go on.)
func succeeds(ours []byte) func([]byte) error {
	expected := &fnv1.RunFunctionResponse{}
	must(proto.Unmarshal(ours, expected))
	wanted := slices.Collect(maps.Keys(expected.GetDesired().GetResources()))
	return func(answer []byte) error {
		response := &fnv1.RunFunctionResponse{}
		if err := proto.Unmarshal(answer, response); err != nil {
			return err
		}
		for _, result := range response.GetResults() {
			if result.GetSeverity() == fnv1.Severity_SEVERITY_FATAL {
				return fmt.Errorf("a FATAL result: %s", result.GetMessage())
			}
		}
		for _, key := range wanted {
			if response.GetDesired().GetResources()[key].GetResource() == nil {
				return fmt.Errorf("desired.resources has no %s", key)
			}
		}
		return nil
	}
}
