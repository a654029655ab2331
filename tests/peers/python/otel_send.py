"""Sends one story with the OpenTelemetry SDK for Python (OTLP, gRPC or HTTP) and prints every span it sent, as JSON.

Settings come as one JSON argument: {protocol: "grpc" | "http", endpoint, front, back}; with {ca, cert, key} (files) it talks TLS.
"""

import base64
import json
import logging
import os
import sys
import time

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

SETTINGS = json.loads(sys.argv[1])
SENT = []
START = (int(time.time()) - 1) * 1_000_000_000


def at(microseconds, nanoseconds=0):
    return START + microseconds * 1000 + nanoseconds


def value(key, given):
    if isinstance(given, bool):
        return {"key": key, "type": "bool", "value": given}
    if isinstance(given, int):
        return {"key": key, "type": "int", "value": str(given)}
    if isinstance(given, float):
        return {"key": key, "type": "double", "value": given}
    if isinstance(given, bytes):
        return {"key": key, "type": "bytes", "value": base64.b64encode(given).decode()}
    if isinstance(given, (list, tuple)):
        return {"key": key, "type": "array", "value": [value("", item) for item in given]}
    return {"key": key, "type": "string", "value": str(given)}


def values(attributes):
    return [value(key, given) for key, given in (attributes or {}).items()]


class Recorder(SpanProcessor):
    """Keeps what was handed to the exporter beside the real one."""

    def on_end(self, span):
        SENT.append(
            {
                "traceID": f"{span.context.trace_id:032x}",
                "spanID": f"{span.context.span_id:016x}",
                "parentSpanID": f"{span.parent.span_id:016x}" if span.parent else "",
                "traceState": span.context.trace_state.to_header(),
                "name": span.name,
                "kind": span.kind.name.lower(),
                "start": str(span.start_time),
                "end": str(span.end_time),
                "status": {
                    "code": {"UNSET": "", "OK": "OK", "ERROR": "ERROR"}[span.status.status_code.name],
                    "message": span.status.description or "",
                },
                "attributes": values(span.attributes),
                "events": [
                    {"time": str(event.timestamp), "name": event.name, "attributes": values(event.attributes)}
                    for event in span.events
                ],
                "links": [
                    {"traceID": f"{link.context.trace_id:032x}", "spanID": f"{link.context.span_id:016x}"}
                    for link in span.links
                ],
                "scope": {
                    "name": span.instrumentation_scope.name,
                    "version": span.instrumentation_scope.version or "",
                },
                "resource": values(span.resource.attributes),
            }
        )


def exporter():
    if SETTINGS["protocol"] == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        if "ca" in SETTINGS:
            import grpc

            parts = [open(SETTINGS[name], "rb").read() for name in ("ca", "key", "cert")]
            return OTLPSpanExporter(endpoint=SETTINGS["endpoint"], credentials=grpc.ssl_channel_credentials(*parts))
        return OTLPSpanExporter(endpoint=SETTINGS["endpoint"], insecure=True)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    # requests would take the machine's authorities before those that it is given.
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        os.environ.pop(variable, None)
    files = {"ca": "certificate_file", "cert": "client_certificate_file", "key": "client_key_file"}
    tls = {name: SETTINGS[key] for key, name in files.items() if key in SETTINGS}
    return OTLPSpanExporter(endpoint=SETTINGS["endpoint"], **tls)


def provider(service):
    resource = Resource.create(
        {"service.name": service, "resource.int": 7, "resource.double": 0.5, "resource.bool": True}
    )
    one = TracerProvider(resource=resource)
    one.add_span_processor(Recorder())
    one.add_span_processor(BatchSpanProcessor(exporter()))
    return one


def story(front, back):
    root = front.start_span(
        "GET /checkout",
        kind=SpanKind.SERVER,
        start_time=at(0, 789),
        attributes={
            "value.text": "überraschung \u2028 日本 <b>&</b>",
            "value.empty": "",
            "value.true": True,
            "value.false": False,
            "value.int": 42,
            "value.max": 2**63 - 1,
            "value.min": -(2**63),
            "value.double": -0.0625,
            "value.large": 1.5e300,
            "value.bytes": bytes([0, 1, 2, 127, 128, 255]),
            "value.texts": ["a", "b <&>"],
            "value.ints": [1, -2],
            "value.bools": [True, False],
            "value.doubles": [0.5, 1.25],
        },
    )
    root.add_event("started", {"event.int": 1, "event.text": "x", "event.bool": True, "event.double": 2.5}, at(100))
    in_root = trace.set_span_in_context(root)
    client = front.start_span("call payment", context=in_root, kind=SpanKind.CLIENT, start_time=at(1000))

    # The other service sees only the context that travelled.
    context = client.get_span_context()
    travelled = SpanContext(
        context.trace_id,
        context.span_id,
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
        trace_state=TraceState([("vendor", "a:b")]),
    )
    in_back = trace.set_span_in_context(trace.NonRecordingSpan(travelled))
    server = back.start_span("POST /pay", context=in_back, kind=SpanKind.SERVER, start_time=at(2000))
    query = back.start_span(
        "select",
        context=trace.set_span_in_context(server),
        start_time=at(3000),
        links=[Link(root.get_span_context(), {"why": "caused"})],
    )
    query.set_status(Status(StatusCode.ERROR, "timed out"))
    query.add_event("exception", {"exception.type": "Timeout", "exception.message": "timed out"}, at(3500))
    query.end(at(4000, 1))
    server.set_status(Status(StatusCode.OK))
    server.end(at(5000))
    client.end(at(6000))
    front.start_span("publish", context=in_root, kind=SpanKind.PRODUCER, start_time=at(7000)).end(at(7100))
    front.start_span("consume", context=in_root, kind=SpanKind.CONSUMER, start_time=at(7200)).end(at(7300))
    root.end(at(9000))


class Failures(logging.Handler):
    """The SDK only logs what it could not export; here that is the end."""

    def __init__(self):
        super().__init__(level=logging.WARNING)
        self.seen = []

    def emit(self, record):
        self.seen.append(record.getMessage())


def main():
    failures = Failures()
    logging.getLogger("opentelemetry").addHandler(failures)
    front, back = provider(SETTINGS["front"]), provider(SETTINGS["back"])
    story(front.get_tracer("front-scope", "0.1"), back.get_tracer("back-scope"))
    for one in (front, back):
        one.shutdown()
    if failures.seen:
        sys.exit("the exporter reported: " + "; ".join(failures.seen))
    sys.stdout.write(json.dumps({"spans": SENT, "notSampled": []}))


if __name__ == "__main__":
    main()
