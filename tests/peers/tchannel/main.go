// A TChannel peer of the real library: an agent of up to 1.17 that submits to a collector (client), or such a collector
// that an agent reports to (server). Settings come as one JSON argument; what was sent or received is printed as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// settings of both roles.
type settings struct {
	// client or server
	Role string `json:"role"`
	// client: the collector. server: where to listen.
	Address string `json:"address"`
	Front   string `json:"front"`
	Back    string `json:"back"`
	// server: ends when it has so many spans, and was asked so many questions about sampling.
	Expect    int `json:"expect"`
	Questions int `json:"questions"`
	// server: answers so many calls "busy" first.
	Busy int `json:"busy"`
}

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
	var result any
	var err error
	switch s.Role {
	case "client":
		result, err = client(s)
	case "server":
		result, err = server(s)
	default:
		err = fmt.Errorf("role %q is neither client nor server", s.Role)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}
