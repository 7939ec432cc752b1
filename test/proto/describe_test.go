// Package proto holds our .proto files against what Crossplane speaks and against each other.
package proto

import (
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// description is what a peer on the wire, or generated code, can tell about a file: a line for each name.
type description map[string]string

// describe leaves out comments, options and the order of declarations. Names are relative to the file's package.
func describe(file protoreflect.FileDescriptor) description {
	d := description{}
	d["syntax"] = file.Syntax().String()
	d.addEnums(file.Enums())
	d.addMessages(file.Messages())
	for i := range file.Services().Len() {
		service := file.Services().Get(i)
		for j := range service.Methods().Len() {
			m := service.Methods().Get(j)
			d["rpc "+relative(m)] = fmt.Sprintf("%s(%s stream=%t) returns (%s stream=%t)", m.Name(), relative(m.Input()),
				m.IsStreamingClient(), relative(m.Output()), m.IsStreamingServer())
		}
	}
	return d
}

func (d description) addEnums(enums protoreflect.EnumDescriptors) {
	for i := range enums.Len() {
		enum := enums.Get(i)
		for j := range enum.Values().Len() {
			value := enum.Values().Get(j)
			d["value "+relative(enum)+"."+string(value.Name())] = fmt.Sprint(value.Number())
		}
	}
}

func (d description) addMessages(messages protoreflect.MessageDescriptors) {
	for i := range messages.Len() {
		message := messages.Get(i)
		d["message "+relative(message)] = fmt.Sprintf("map entry=%t", message.IsMapEntry())
		for j := range message.Fields().Len() {
			field := message.Fields().Get(j)
			d["field "+relative(field)] = describeField(field)
		}
		d.addEnums(message.Enums())
		d.addMessages(message.Messages())
	}
}

func describeField(f protoreflect.FieldDescriptor) string {
	kind := f.Kind().String()
	switch {
	case f.Message() != nil:
		kind = relative(f.Message())
	case f.Enum() != nil:
		kind = relative(f.Enum())
	}
	oneof := ""
	if f.ContainingOneof() != nil && !f.ContainingOneof().IsSynthetic() {
		oneof = string(f.ContainingOneof().Name())
	}
	return fmt.Sprintf("%s = %d, %s, optional=%t, map=%t, packed=%t, json=%s, oneof=%q", kind, f.Number(), f.Cardinality(),
		f.HasOptionalKeyword(), f.IsMap(), f.IsPacked(), f.JSONName(), oneof)
}

// relative leaves the full name of what another package declares, and drops the file's own package.
func relative(d protoreflect.Descriptor) string {
	prefix := string(d.ParentFile().Package()) + "."
	if prefix == "google.protobuf." {
		prefix = ""
	}
	return string(d.FullName())[len(prefix):]
}

// differences is empty when both say the same.
func differences(ours, theirs description) []string {
	var found []string
	names := maps.Clone(ours)
	maps.Copy(names, theirs)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		our, isOurs := ours[name]
		their, isTheirs := theirs[name]
		switch {
		case !isOurs:
			found = append(found, fmt.Sprintf("%s: missing here; there it is %s", name, their))
		case !isTheirs:
			found = append(found, fmt.Sprintf("%s: only here: %s", name, our))
		case our != their:
			found = append(found, fmt.Sprintf("%s: here %s; there %s", name, our, their))
		}
	}
	return found
}
