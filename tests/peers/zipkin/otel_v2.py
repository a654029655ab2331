"""Sends one story with OpenTelemetry's Zipkin exporters (v2, JSON or protobuf) and prints every span it sent, as
Jaeger is to show it.

Settings come as one JSON argument: {format: "json" | "protobuf", url, front, back}.
"""

import json
import sys
import time

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

SETTINGS = json.loads(sys.argv[1])
START = (int(time.time()) - 1) * 1_000_000_000
SENT = []
IN_PROCESS = ("host.name", "service.instance.id", "telemetry.sdk.language", "telemetry.sdk.name", "telemetry.sdk.version")

if SETTINGS["format"] == "json":
    from opentelemetry.exporter.zipkin.json import ZipkinExporter
else:
    from opentelemetry.exporter.zipkin.proto.http import ZipkinExporter


def at(microseconds):
    return START + microseconds * 1000


def text(key, value):
    return {"key": key, "type": "string", "value": value}


def as_text(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return json.dumps([as_text(item) for item in value], separators=(",", ":"))
    return str(value)


class Recorder(SpanProcessor):
    """Keeps what was handed to the exporter beside the real one."""

    def on_end(self, span):
        trace_id = f"{span.context.trace_id:032x}"
        parent = [{"refType": "CHILD_OF", "traceID": trace_id, "spanID": f"{span.parent.span_id:016x}"}] if span.parent else []
        scope = span.instrumentation_scope
        tags = [text("otel.scope.name", scope.name), text("otel.scope.version", scope.version)]
        tags += [text(key, as_text(value)) for key, value in span.attributes.items()]
        resource = dict(span.resource.attributes)
        service = resource.pop("service.name")
        process = [text(key, str(resource.pop(key))) for key in IN_PROCESS if key in resource]
        tags += [text(key, as_text(value)) for key, value in resource.items()]
        # The exporter writes the scope both ways.
        tags += [text("otel.scope.name", scope.name), text("otel.scope.version", scope.version)]
        tags += [text("net.host.ip", "10.1.2.3"), {"key": "net.host.port", "type": "int64", "value": 8080}]
        if span.kind is not SpanKind.INTERNAL:
            tags.append(text("span.kind", span.kind.name.lower()))
        if span.status.status_code is StatusCode.ERROR:
            tags.append(text("error", span.status.description or ""))
            tags.append({"key": "error", "type": "bool", "value": True})
        if span.status.status_code is not StatusCode.UNSET:
            tags.append(text("otel.status_code", span.status.status_code.name))
        logs = [
            {
                "timestamp": event.timestamp // 1000,
                "fields": [text("event", json.dumps({event.name: dict(event.attributes)}, sort_keys=True))],
            }
            for event in span.events
        ]
        SENT.append(
            {
                "traceID": trace_id,
                "spanID": f"{span.context.span_id:016x}",
                "operationName": span.name,
                "references": parent,
                "startTime": span.start_time // 1000,
                "duration": (span.end_time - span.start_time) // 1000,
                "tags": tags + [text("internal.span.format", "zipkin")],
                "logs": logs,
                "process": {"serviceName": service, "tags": process},
            }
        )


def tracer(service):
    resource = Resource.create({"service.name": service, "host.name": "cart-1", "team": "checkout"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(Recorder())
    exporter = ZipkinExporter(endpoint=SETTINGS["url"], local_node_ipv4="10.1.2.3", local_node_port=8080)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("peers", "1.2")


front, back = tracer(SETTINGS["front"]), tracer(SETTINGS["back"])
call = front.start_span("get /cart", kind=SpanKind.CLIENT, start_time=at(0), attributes={
    "text": "ü€ <shop>", "flag": True, "number": -7, "float": 0.25, "list": ["a", "b"], "empty": "",
})
call.add_event("sent", {"bytes": 12}, timestamp=at(10))
within = trace.set_span_in_context(call)
serve = back.start_span("cart", kind=SpanKind.SERVER, context=within, start_time=at(100))
inner = trace.set_span_in_context(serve)
local = back.start_span("compute", context=inner, start_time=at(150))
local.set_status(Status(StatusCode.OK))
local.end(end_time=at(160))
publish = back.start_span("publish", kind=SpanKind.PRODUCER, context=inner, start_time=at(170))
publish.set_status(Status(StatusCode.ERROR, "no broker"))
publish.end(end_time=at(170))
consume = back.start_span("consume", kind=SpanKind.CONSUMER, context=inner, start_time=at(180))
consume.set_status(Status(StatusCode.ERROR))
consume.end(end_time=at(190))
serve.end(end_time=at(300))
call.end(end_time=at(400))
print(json.dumps({"spans": SENT, "notSampled": []}))
