package main

import (
	"encoding/base64"
	"fmt"
)

// Spans in the form that the tests compare: that of /api/traces, each with its process.

type object map[string]any

func hex(high, low int64) string {
	if high == 0 {
		return fmt.Sprintf("%016x", uint64(low))
	}
	return fmt.Sprintf("%016x%016x", uint64(high), uint64(low))
}

func tagsJSON(tags []tag) []object {
	out := []object{}
	for _, t := range tags {
		o := object{"key": t.key}
		switch t.kind {
		case 1:
			o["type"], o["value"] = "float64", t.float
		case 2:
			o["type"], o["value"] = "bool", t.bool
		case 3:
			o["type"], o["value"] = "int64", t.long
			// Numbers that JavaScript cannot hold are texts there.
			if t.long > 1<<53-1 || t.long < -(1<<53-1) {
				o["value"] = fmt.Sprint(t.long)
			}
		case 4:
			o["type"], o["value"] = "binary", base64.StdEncoding.EncodeToString(t.bytes)
		default:
			o["type"], o["value"] = "string", t.text
		}
		out = append(out, o)
	}
	return out
}

// spansJSON gives a batch's spans. A parent that no reference names is one, before all others.
func spansJSON(b batch) []object {
	out := []object{}
	for _, s := range b.spans {
		kinds := map[int32]string{0: "CHILD_OF", 1: "FOLLOWS_FROM"}
		references := []object{}
		named := false
		for _, r := range s.references {
			named = named || (r.low == s.low && r.high == s.high && r.span == s.parent)
			references = append(references, object{
				"refType": kinds[r.kind], "traceID": hex(r.high, r.low), "spanID": hex(0, r.span),
			})
		}
		if s.parent != 0 && !named {
			parent := object{"refType": "CHILD_OF", "traceID": hex(s.high, s.low), "spanID": hex(0, s.parent)}
			references = append([]object{parent}, references...)
		}
		logs := []object{}
		for _, e := range s.logs {
			logs = append(logs, object{"timestamp": e.time, "fields": tagsJSON(e.fields)})
		}
		out = append(out, object{
			"traceID": hex(s.high, s.low), "spanID": hex(0, s.id), "flags": s.flags, "operationName": s.operation,
			"references": references, "startTime": s.start, "duration": s.duration, "tags": tagsJSON(s.tags),
			"logs": logs, "process": object{"serviceName": b.service, "tags": tagsJSON(b.tags)},
		})
	}
	return out
}
