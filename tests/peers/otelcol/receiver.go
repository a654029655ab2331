package main

import (
	"context"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/jaegerreceiver"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

// What the receiver made of a span.
type received struct {
	TraceID string `json:"traceId"`
	SpanID  string `json:"spanId"`
	Name    string `json:"name"`
	Service string `json:"service"`
}

// Takes what an agent reports, until so many spans are there.
func receive(ctx context.Context, s settings) (any, error) {
	factory := jaegerreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*jaegerreceiver.Config)
	config.GRPC.NetAddr.Endpoint = s.Address
	config.Protocols = jaegerreceiver.Protocols{GRPC: config.GRPC}
	arrived := make(chan received, 10_000)
	sink, err := consumer.NewTraces(func(_ context.Context, traces ptrace.Traces) error {
		forward(traces, arrived)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the consumer: %w", err)
	}
	receiver, err := factory.CreateTracesReceiver(ctx, receivertest.NewNopCreateSettings(), config, sink)
	if err != nil {
		return nil, fmt.Errorf("the receiver: %w", err)
	}
	if err := receiver.Start(ctx, componenttest.NewNopHost()); err != nil {
		return nil, fmt.Errorf("the receiver's start: %w", err)
	}
	spans := make([]received, 0, s.Expect)
	for len(spans) < s.Expect {
		select {
		case span := <-arrived:
			spans = append(spans, span)
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d spans came", len(spans), s.Expect)
		}
	}
	return spans, receiver.Shutdown(ctx)
}

func forward(traces ptrace.Traces, to chan<- received) {
	for i := 0; i < traces.ResourceSpans().Len(); i++ {
		resource := traces.ResourceSpans().At(i)
		service, _ := resource.Resource().Attributes().Get("service.name")
		for j := 0; j < resource.ScopeSpans().Len(); j++ {
			spans := resource.ScopeSpans().At(j).Spans()
			for k := 0; k < spans.Len(); k++ {
				span := spans.At(k)
				to <- received{span.TraceID().String(), span.SpanID().String(), span.Name(), service.Str()}
			}
		}
	}
}
