// Renders a kustomization with the engine of kustomize v5, reads each object as the API server's own types do, and prints
// what was rendered as a JSON list.
//
//	peer '{"folder": "k8s/overlays/embedded"}'
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type settings struct {
	Folder string `json:"folder"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("give the settings as one argument, JSON")
	}
	var given settings
	if err := json.Unmarshal([]byte(os.Args[1]), &given); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	objects, err := render(given.Folder)
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := comesBackWhole(object); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(objects)
}
