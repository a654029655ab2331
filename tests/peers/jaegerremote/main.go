// The remote sampler of OpenTelemetry's SDK, which follows the strategies of an agent, as an application does. Settings
// come as one JSON argument; what it decides is printed as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/contrib/samplers/jaegerremote"
	"go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
)

type settings struct {
	// The agent's port for strategies.
	URL     string `json:"url"`
	Service string `json:"service"`
	// It waits until this operation is sampled,
	Sampled string `json:"sampled"`
	// and tells of these whether they are.
	Operations []string `json:"operations"`
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
	sampler := jaegerremote.New(
		s.Service,
		jaegerremote.WithSamplingServerURL(s.URL),
		jaegerremote.WithSamplingRefreshInterval(50*time.Millisecond),
		jaegerremote.WithInitialSampler(trace.NeverSample()),
	)
	defer sampler.Close()
	for deadline := time.Now().Add(patience); !decides(sampler, s.Sampled); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("%q is never sampled", s.Sampled)
		}
	}
	decisions := map[string]bool{}
	for _, operation := range s.Operations {
		decisions[operation] = decides(sampler, operation)
	}
	return json.NewEncoder(os.Stdout).Encode(decisions)
}

func decides(sampler trace.Sampler, operation string) bool {
	// In the middle of the range that a probability is compared with.
	id := oteltrace.TraceID{0: 1, 8: 0x40, 15: 1}
	parameters := trace.SamplingParameters{ParentContext: context.Background(), TraceID: id, Name: operation}
	return sampler.ShouldSample(parameters).Decision == trace.RecordAndSample
}
