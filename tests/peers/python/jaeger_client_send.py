"""Sends one story with jaeger-client for Python (Thrift compact over UDP) and prints every span it sent, as JSON.

Settings come as one JSON argument: {host, port, front, back, traceId128bit}.
"""

import json
import sys
import time

import opentracing
from jaeger_client import Config
from jaeger_client.constants import SAMPLED_FLAG
from tornado.ioloop import IOLoop

SETTINGS = json.loads(sys.argv[1])
SENT = []
NOT_SAMPLED = []

# Whole seconds and 64ths are exact in doubles, so the microseconds below are exact too.
START = int(time.time()) - 1


def at(sixtyfourths):
    return START + sixtyfourths / 64.0


def micros(seconds):
    return int(seconds * 1000000)


def value(key, given):
    if isinstance(given, bool):
        return {"key": key, "type": "bool", "value": given}
    if isinstance(given, int):
        # Go's JSON has numbers beyond 2^53-1 as text.
        return {"key": key, "type": "int64", "value": given if abs(given) < 2**53 else str(given)}
    if isinstance(given, float):
        return {"key": key, "type": "float64", "value": given}
    return {"key": key, "type": "string", "value": str(given)}


def thrift_value(tag):
    for given in (tag.vStr, tag.vDouble, tag.vBool, tag.vLong):
        if given is not None:
            return value(tag.key, given)
    raise ValueError(f"tag {tag.key} has no value")


def trace_hex(trace_id):
    return f"{trace_id:016x}" if trace_id < 2**64 else f"{trace_id:032x}"


def reference(kind, context):
    return {"refType": kind, "traceID": trace_hex(context.trace_id), "spanID": f"{context.span_id:016x}"}


def tracer(service):
    config = Config(
        config={
            "sampler": {"type": "const", "param": 1},
            "local_agent": {"reporting_host": SETTINGS["host"], "reporting_port": SETTINGS["port"]},
            "generate_128bit_trace_id": SETTINGS["traceId128bit"],
            "reporter_flush_interval": 0.05,
            "tags": {"process.text": 'one <&> "two"', "process.int": 7},
            "logging": False,
        },
        service_name=service,
        validate=True,
    )
    return config.new_tracer()


class Story:
    """One trace over two services, and what a reader must see of it."""

    def __init__(self, front, back):
        self.front = front
        self.back = back

    def end(self, owner, span, begin, end, references, logs=()):
        span.finish(finish_time=end)
        if not span.context.flags & SAMPLED_FLAG:
            NOT_SAMPLED.append(f"{span.span_id:016x}")
            return
        SENT.append(
            {
                "traceID": trace_hex(span.trace_id),
                "spanID": f"{span.span_id:016x}",
                "flags": span.context.flags,
                "operationName": span.operation_name,
                "references": references,
                "startTime": micros(begin),
                "duration": micros(end - begin),
                "tags": [thrift_value(tag) for tag in span.tags],
                "logs": [
                    {"timestamp": micros(when), "fields": [value(key, given) for key, given in fields.items()]}
                    for when, fields in logs
                ],
                "process": {
                    "serviceName": owner.service_name,
                    "tags": [value(key, given) for key, given in owner.tags.items()],
                },
            }
        )

    def tell(self):
        root = self.front.start_span(
            "GET /checkout",
            start_time=at(0),
            tags={
                "span.kind": "server",
                "value.text": "überraschung \u2028 日本 <b>&</b>",
                "value.empty": "",
                "value.true": True,
                "value.false": False,
                "value.int": 42,
                "value.negative": -7,
                "value.max": 2**63 - 1,
                "value.min": -(2**63),
                "value.safe": 2**53 - 1,
                "value.float": -0.0625,
                "value.large": 1.5e300,
                "value.small": 5e-324,
                "value.object": ["as", "text"],
            },
        )
        logs = [
            (at(1), {"event": "started", "log.int": 1, "log.float": 1.5, "log.bool": True, "log.text": "x"}),
            (at(2), {"message": "a second one"}),
        ]
        for when, fields in logs:
            root.log_kv(fields, timestamp=when)

        client = self.front.start_span("call payment", child_of=root, start_time=at(3), tags={"span.kind": "client"})
        headers = {}
        self.front.inject(client.context, opentracing.Format.HTTP_HEADERS, headers)
        remote = self.back.extract(opentracing.Format.HTTP_HEADERS, headers)
        server = self.back.start_span("POST /pay", child_of=remote, start_time=at(4), tags={"span.kind": "server"})
        query = self.back.start_span("select", child_of=server, start_time=at(5), tags={"error": True})
        self.end(self.back, query, at(5), at(6), [reference("CHILD_OF", server.context)])
        self.end(self.back, server, at(4), at(8), [reference("CHILD_OF", client.context)])
        self.end(self.front, client, at(3), at(9), [reference("CHILD_OF", root.context)])

        # Two references, one of them into another trace.
        other = self.front.start_span("another trace", start_time=at(10))
        joins = self.front.start_span(
            "joins",
            references=[opentracing.child_of(root.context), opentracing.follows_from(other.context)],
            start_time=at(11),
        )
        self.end(
            self.front,
            joins,
            at(11),
            at(12),
            [reference("CHILD_OF", root.context), reference("FOLLOWS_FROM", other.context)],
        )
        self.end(self.front, other, at(10), at(13), [])
        self.end(self.front, root, at(0), at(20), [], logs)

        debugged = self.front.start_span("debugged", start_time=at(30))
        debugged.set_tag("sampling.priority", 1)
        self.end(self.front, debugged, at(30), at(31), [])

        silent = self.front.start_span("not sampled", start_time=at(32))
        silent.set_tag("sampling.priority", 0)
        self.end(self.front, silent, at(32), at(33), [])


def main():
    front, back = tracer(SETTINGS["front"]), tracer(SETTINGS["back"])
    Story(front, back).tell()
    for one in (front, back):
        # close() answers with a future of the client's own loop, done when the queue was sent.
        done = one.close()
        while not done.done():
            time.sleep(0.01)
    sys.stdout.write(json.dumps({"spans": SENT, "notSampled": NOT_SAMPLED}))


if __name__ == "__main__":
    main()
