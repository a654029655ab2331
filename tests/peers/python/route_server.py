"""Answers one call of shop.Route/Estimate over gRPC in a span of jaeger-client for Python, and prints what it saw as JSON.

Settings come as one JSON argument: {host, port, listen}.
"""

import json
import sys
import threading
import time
from concurrent import futures

import grpc
import opentracing
from jaeger_client import Config

SETTINGS = json.loads(sys.argv[1])
SEEN = {}
DONE = threading.Event()

# Eta{minutes: 7} in protobuf.
ANSWER = b"\x08\x07"

TRACER = Config(
    config={
        "sampler": {"type": "const", "param": 1},
        "local_agent": {"reporting_host": SETTINGS["host"], "reporting_port": SETTINGS["port"]},
        "reporter_flush_interval": 0.05,
        "logging": False,
    },
    service_name="router",
    validate=True,
).new_tracer()


def estimate(legs, call):
    metadata = {key: value for key, value in call.invocation_metadata() if isinstance(value, str)}
    parent = TRACER.extract(opentracing.Format.HTTP_HEADERS, metadata)
    with TRACER.start_span("estimate", child_of=parent, tags={"span.kind": "server"}) as span:
        SEEN["legs"] = sum(1 for _ in legs)
        SEEN["traceID"] = f"{span.trace_id:016x}"
        for key in ("customer", "basket"):
            SEEN[key] = span.get_baggage_item(key)
    DONE.set()
    return ANSWER


def main():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    # Messages stay bytes: what is in them is not what this is about.
    handler = grpc.stream_unary_rpc_method_handler(estimate)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("shop.Route", {"Estimate": handler}),))
    server.add_insecure_port(SETTINGS["listen"])
    server.start()
    if not DONE.wait(timeout=50):
        raise SystemExit("nobody called")
    server.stop(grace=5).wait()
    closed = TRACER.close()
    while not closed.done():
        time.sleep(0.01)
    sys.stdout.write(json.dumps(SEEN))


if __name__ == "__main__":
    main()
