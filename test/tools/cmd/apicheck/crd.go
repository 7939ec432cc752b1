package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	schemavalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// loadCRD decodes and defaults a CRD as the API server does on its creation.
func loadCRD(document json.RawMessage) (*apiextensions.CustomResourceDefinition, error) {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	external := &v1.CustomResourceDefinition{}
	if err := json.Unmarshal(document, external); err != nil {
		return nil, err
	}
	if external.Kind != "CustomResourceDefinition" {
		return nil, fmt.Errorf("kind %q: not a CustomResourceDefinition", external.Kind)
	}
	scheme.Default(external)
	crd := &apiextensions.CustomResourceDefinition{}
	if err := scheme.Convert(external, crd, nil); err != nil {
		return nil, err
	}
	// Crossplane sets the owner's uid, and the registry the stored versions, when the CRD is created.
	crd.OwnerReferences = nil
	for _, version := range crd.Spec.Versions {
		if version.Storage {
			crd.Status.StoredVersions = []string{version.Name}
		}
	}
	return crd, nil
}

func schemaOf(crd *apiextensions.CustomResourceDefinition) *apiextensions.CustomResourceValidation {
	if crd.Spec.Validation != nil {
		return crd.Spec.Validation
	}
	return crd.Spec.Versions[0].Schema
}

func checkCRDs(out io.Writer, files []string) error {
	var errs []error
	for _, file := range files {
		documents, err := readDocuments(file)
		if err != nil {
			return err
		}
		for _, document := range documents {
			crd, err := loadCRD(document)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			for _, e := range validation.ValidateCustomResourceDefinition(context.Background(), crd) {
				errs = append(errs, fmt.Errorf("%s: %w", crd.Name, e))
			}
			root := schemaOf(crd).OpenAPIV3Schema
			sum, err := celCost(root, validation.RootCELContext(root))
			if err != nil {
				return fmt.Errorf("%s: %w", crd.Name, err)
			}
			fmt.Fprintf(out, "%s: %d CEL rules, cost %d of %d, the dearest %d of %d\n", crd.Name,
				sum.rules, sum.total, validation.StaticEstimatedCRDCostLimit,
				sum.dearest, validation.StaticEstimatedCostLimit)
		}
	}
	return errors.Join(errs...)
}

type cost struct {
	total, dearest uint64
	rules          int
}

func (c *cost) add(other cost) {
	c.total += other.total
	c.dearest = max(c.dearest, other.dearest)
	c.rules += other.rules
}

// celCost adds up what the API server estimates for the rules of a schema: the worst case of each rule, times
// how often its node can occur.
func celCost(node *apiextensions.JSONSchemaProps, at *validation.CELSchemaContext) (cost, error) {
	sum, err := ownCost(node, at)
	if err != nil {
		return sum, err
	}
	visit := func(child *apiextensions.JSONSchemaProps, at *validation.CELSchemaContext) {
		if child == nil || err != nil {
			return
		}
		var c cost
		c, err = celCost(child, at)
		sum.add(c)
	}
	for name := range node.Properties {
		property := node.Properties[name]
		visit(&property, at.ChildPropertyContext(&property, name))
	}
	if items := node.Items; items != nil {
		visit(items.Schema, at.ChildItemsContext(items.Schema))
	}
	if values := node.AdditionalProperties; values != nil {
		visit(values.Schema, at.ChildAdditionalPropertiesContext(values.Schema))
	}
	return sum, err
}

// ownCost is that of the rules on this node alone.
func ownCost(node *apiextensions.JSONSchemaProps, at *validation.CELSchemaContext) (cost, error) {
	var sum cost
	if len(node.XValidations) == 0 {
		return sum, nil
	}
	info, err := at.TypeInfo()
	if err != nil {
		return sum, err
	}
	base := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	results, err := cel.Compile(info.Schema, info.DeclType, celconfig.PerCallLimit, base, cel.NewExpressionsEnvLoader())
	if err != nil {
		return sum, err
	}
	for i, result := range results {
		if result.Error != nil {
			return sum, fmt.Errorf("%s: %v", node.XValidations[i].Rule, result.Error)
		}
		worst := result.MaxCost
		if at.MaxCardinality != nil {
			worst *= *at.MaxCardinality
		}
		sum.add(cost{total: worst, dearest: worst, rules: 1})
	}
	return sum, nil
}

func readObject(file string) (map[string]any, error) {
	documents, err := readDocuments(file)
	if err != nil {
		return nil, err
	}
	if len(documents) != 1 {
		return nil, fmt.Errorf("%s: must have exactly one document, has %d", file, len(documents))
	}
	var object map[string]any
	// Not encoding/json: the API server's integers are integers.
	if err := utiljson.Unmarshal(documents[0], &object); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return object, nil
}

func checkUpdate(crdFile, oldFile, newFile string) error {
	documents, err := readDocuments(crdFile)
	if err != nil {
		return err
	}
	crd, err := loadCRD(documents[0])
	if err != nil {
		return fmt.Errorf("%s: %w", crdFile, err)
	}
	structural, err := schema.NewStructural(schemaOf(crd).OpenAPIV3Schema)
	if err != nil {
		return err
	}
	before, err := readObject(oldFile)
	if err != nil {
		return err
	}
	after, err := readObject(newFile)
	if err != nil {
		return err
	}
	defaulting.Default(before, structural)
	defaulting.Default(after, structural)

	validator, _, err := schemavalidation.NewSchemaValidator(schemaOf(crd).OpenAPIV3Schema)
	if err != nil {
		return err
	}
	errs := schemavalidation.ValidateCustomResourceUpdate(nil, after, before, validator)
	rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
	broken, _ := rules.Validate(context.Background(), nil, structural, after, before, celconfig.RuntimeCELCostBudget)
	errs = append(errs, broken...)
	return append(errs, listtype.ValidateListSetsAndMaps(nil, structural, after)...).ToAggregate()
}
