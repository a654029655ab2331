// Parts of the OpenTelemetry Collector as peers: the exporter that sends api_v2 to a collector, of the last release that
// had it, and the receiver that an agent reports to. Settings come as one JSON argument; what was sent or received is
// printed as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

type settings struct {
	// exporter or receiver
	Role string `json:"role"`
	// exporter: the collector. receiver: where to listen.
	Address string `json:"address"`
	Service string `json:"service"`
	// receiver: ends when it has so many spans.
	Expect int `json:"expect"`
}

const patience = 30 * time.Second

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var s settings
	if len(os.Args) != 2 {
		return fmt.Errorf("give the settings as one JSON argument")
	}
	if err := json.Unmarshal([]byte(os.Args[1]), &s); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	roles := map[string]func(context.Context, settings) (any, error){
		"exporter": export, "receiver": receive,
	}
	role, known := roles[s.Role]
	if !known {
		return fmt.Errorf("there is no role %q", s.Role)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	result, err := role(ctx, s)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}
