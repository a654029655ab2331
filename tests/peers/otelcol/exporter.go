package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/jaegerexporter"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// A span as Jaeger's API shows it.
type span struct {
	TraceID       string      `json:"traceID"`
	SpanID        string      `json:"spanID"`
	OperationName string      `json:"operationName"`
	References    []reference `json:"references"`
	StartTime     int64       `json:"startTime"`
	Duration      int64       `json:"duration"`
	Tags          []tag       `json:"tags"`
	Logs          []log       `json:"logs"`
	Process       process     `json:"process"`
}

type reference struct {
	RefType string `json:"refType"`
	TraceID string `json:"traceID"`
	SpanID  string `json:"spanID"`
}

type tag struct {
	Key   string `json:"key"`
	Type  string `json:"type"`
	Value any    `json:"value"`
}

type log struct {
	Timestamp int64 `json:"timestamp"`
	Fields    []tag `json:"fields"`
}

type process struct {
	ServiceName string `json:"serviceName"`
	Tags        []tag  `json:"tags"`
}

// Sends a trace of two spans and prints them as Jaeger is to show them.
func export(ctx context.Context, s settings) (any, error) {
	factory := jaegerexporter.NewFactory()
	config := factory.CreateDefaultConfig().(*jaegerexporter.Config)
	config.GRPCClientSettings.Endpoint = s.Address
	config.GRPCClientSettings.TLSSetting.Insecure = true
	exporter, err := factory.CreateTracesExporter(ctx, exportertest.NewNopCreateSettings(), config)
	if err != nil {
		return nil, fmt.Errorf("the exporter: %w", err)
	}
	if err := exporter.Start(ctx, componenttest.NewNopHost()); err != nil {
		return nil, fmt.Errorf("the exporter's start: %w", err)
	}
	traces, sent := story(s.Service)
	if err := exporter.ConsumeTraces(ctx, traces); err != nil {
		return nil, fmt.Errorf("the exporter's traces: %w", err)
	}
	// It has a queue; an end sends what waits there.
	if err := exporter.Shutdown(ctx); err != nil {
		return nil, fmt.Errorf("the exporter's end: %w", err)
	}
	return map[string]any{"spans": sent, "notSampled": []string{}}, nil
}

func story(service string) (ptrace.Traces, []span) {
	begin := time.Now().Add(-time.Second).Truncate(time.Second)
	traceID := pcommon.TraceID{0x0a, 0xf7, 15: 0x01}
	traces := ptrace.NewTraces()
	resource := traces.ResourceSpans().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", service)
	resource.Resource().Attributes().PutStr("team", "checkout")
	spans := resource.ScopeSpans().AppendEmpty().Spans()

	buy := spans.AppendEmpty()
	buy.SetTraceID(traceID)
	buy.SetSpanID(pcommon.SpanID{7: 0xa1})
	buy.SetName("buy")
	buy.SetKind(ptrace.SpanKindServer)
	buy.SetStartTimestamp(pcommon.NewTimestampFromTime(begin))
	buy.SetEndTimestamp(pcommon.NewTimestampFromTime(begin.Add(500 * time.Millisecond)))
	buy.Attributes().PutInt("items", 3)
	buy.Attributes().PutBool("first", true)
	event := buy.Events().AppendEmpty()
	event.SetName("paid")
	event.SetTimestamp(pcommon.NewTimestampFromTime(begin.Add(100 * time.Millisecond)))
	event.Attributes().PutDouble("sum", 12.5)

	pay := spans.AppendEmpty()
	pay.SetTraceID(traceID)
	pay.SetSpanID(pcommon.SpanID{7: 0xa2})
	pay.SetParentSpanID(pcommon.SpanID{7: 0xa1})
	pay.SetName("pay")
	pay.SetKind(ptrace.SpanKindClient)
	pay.SetStartTimestamp(pcommon.NewTimestampFromTime(begin.Add(50 * time.Millisecond)))
	pay.SetEndTimestamp(pcommon.NewTimestampFromTime(begin.Add(90 * time.Millisecond)))
	pay.Status().SetCode(ptrace.StatusCodeError)
	pay.Status().SetMessage("no money")

	id := hex.EncodeToString(traceID[:])
	of := process{ServiceName: service, Tags: []tag{{"team", "string", "checkout"}}}
	format := tag{"internal.span.format", "string", "proto"}
	return traces, []span{
		{
			TraceID: id, SpanID: "00000000000000a1", OperationName: "buy", References: []reference{},
			StartTime: begin.UnixMicro(), Duration: 500_000,
			Tags:    []tag{{"items", "int64", 3}, {"first", "bool", true}, {"span.kind", "string", "server"}, format},
			Logs:    []log{{begin.Add(100 * time.Millisecond).UnixMicro(), []tag{{"event", "string", "paid"}, {"sum", "float64", 12.5}}}},
			Process: of,
		},
		{
			TraceID: id, SpanID: "00000000000000a2", OperationName: "pay",
			References: []reference{{"CHILD_OF", id, "00000000000000a1"}},
			StartTime:  begin.Add(50 * time.Millisecond).UnixMicro(), Duration: 40_000,
			Tags: []tag{
				{"span.kind", "string", "client"}, {"otel.status_code", "string", "ERROR"}, {"error", "bool", true},
				{"otel.status_description", "string", "no money"}, format,
			},
			Logs: []log{}, Process: of,
		},
	}
}
