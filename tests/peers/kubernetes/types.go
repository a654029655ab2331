package main

import (
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

var known = runtime.NewScheme()

func init() {
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme, corev1.AddToScheme,
		networkingv1.AddToScheme, policyv1.AddToScheme, rbacv1.AddToScheme,
	} {
		if err := add(known); err != nil {
			panic(err)
		}
	}
}

// comesBackWhole reads an object into its Go type, strictly, writes it again, and looks for what vanished.
func comesBackWhole(object json.RawMessage) error {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Metadata   struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(object, &head); err != nil {
		return err
	}
	name := fmt.Sprintf("%s %s %s", head.APIVersion, head.Kind, head.Metadata.Name)
	typed, err := known.New(schema.FromAPIVersionAndKind(head.APIVersion, head.Kind))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := yaml.UnmarshalStrict(object, typed); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	again, err := json.Marshal(typed)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var before, after any
	if err := json.Unmarshal(object, &before); err != nil {
		return err
	}
	if err := json.Unmarshal(again, &after); err != nil {
		return err
	}
	if lost := vanished(before, after, ""); lost != "" {
		return fmt.Errorf("%s: %s does not come back as it was written", name, lost)
	}
	return nil
}

// vanished gives the path of the first value of before that after does not have; what the types add is no loss.
func vanished(before, after any, path string) string {
	switch before := before.(type) {
	case map[string]any:
		after, ok := after.(map[string]any)
		if !ok {
			return path
		}
		for key, value := range before {
			if lost := vanished(value, after[key], path+"."+key); lost != "" {
				return lost
			}
		}
	case []any:
		after, ok := after.([]any)
		if !ok || len(after) != len(before) {
			return path
		}
		for at, value := range before {
			if lost := vanished(value, after[at], fmt.Sprintf("%s[%d]", path, at)); lost != "" {
				return lost
			}
		}
	default:
		if before != after {
			return path
		}
	}
	return ""
}
