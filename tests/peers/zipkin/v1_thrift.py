"""Sends one story with py_zipkin (v1 in Thrift) and prints every span it sent, as Jaeger is to show it.

A client and a server share a span's id, each in a request of its own, as the two sides of a call report it. Settings
come as one JSON argument: {url, front, back} sends over HTTP; {agent: [host, port], proto, front, back} to an agent, in
datagrams of the compact protocol, made from our definitions.
"""

import json
import os
import socket
import sys
import time
import urllib.request

import thriftpy2
from py_zipkin import Encoding, Kind
from py_zipkin.thrift import LIST_HEADER_SIZE, zipkin_core
from py_zipkin.zipkin import ZipkinAttrs, create_attrs_for_span, zipkin_client_span, zipkin_server_span, zipkin_span
from thriftpy2.protocol import TBinaryProtocol, TCompactProtocol
from thriftpy2.thrift import TMessageType
from thriftpy2.transport import TMemoryBuffer

SETTINGS = json.loads(sys.argv[1])
START = float(int(time.time()) - 1)
SENT = []


def datagram(body):
    """The list of spans that the library made, as a call of the agent."""
    source = TBinaryProtocol(TMemoryBuffer(body[LIST_HEADER_SIZE:]))
    spans = [zipkin_core.Span() for _ in range(int.from_bytes(body[1:LIST_HEADER_SIZE], "big"))]
    for span in spans:
        source.read_struct(span)
    agent = thriftpy2.load(os.path.join(SETTINGS["proto"], "thrift", "agent.thrift"), module_name="agent_thrift")
    buffer = TMemoryBuffer()
    protocol = TCompactProtocol(buffer)
    protocol.write_message_begin("emitZipkinBatch", TMessageType.ONEWAY, 1)
    protocol.write_struct(agent.Agent.emitZipkinBatch_args(spans=spans))
    protocol.write_message_end()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(buffer.getvalue(), tuple(SETTINGS["agent"]))


def post(body):
    if "agent" in SETTINGS:
        return datagram(body)
    request = urllib.request.Request(SETTINGS["url"], body, {"Content-Type": "application/x-thrift"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 202, answer.status


def micros(seconds):
    return int(seconds * 1_000_000)


def text(key, value):
    return {"key": key, "type": "string", "value": value}


def process_tags(ip, port):
    """Over HTTP the endpoint's parts, in an agent its address as a number."""
    if "agent" in SETTINGS:
        return [{"key": "ip", "type": "int64", "value": int.from_bytes(socket.inet_aton(ip), "big")}]
    return [text("ipv4", ip)] + ([text("port", str(port))] if port else [])


def sent(span, service, name, kind, start, duration, tags, logs, endpoint, parent=None):
    attributes = span.zipkin_attrs
    tags = [text(key, value) for key, value in tags.items()]
    if kind:
        tags.append(text("span.kind", kind))
    SENT.append(
        {
            "traceID": attributes.trace_id,
            "spanID": attributes.span_id,
            "operationName": name,
            "references": [{"refType": "CHILD_OF", "traceID": attributes.trace_id, "spanID": parent}] if parent else [],
            "startTime": micros(start),
            "duration": micros(duration),
            "tags": tags + [text("internal.span.format", "proto" if "agent" in SETTINGS else "zipkin")],
            "logs": [{"timestamp": micros(at), "fields": [text("event", value)]} for value, at in logs.items()],
            "process": {"serviceName": service, "tags": endpoint},
        }
    )


def answered(service, name, attributes, begin, end, host, port, tags):
    """A server's span: it has its caller's id, and its times are its annotations' own."""
    return zipkin_server_span(
        service_name=service,
        span_name=name,
        transport_handler=post,
        zipkin_attrs=attributes,
        annotations={"sr": begin, "ss": end},
        binary_annotations=tags,
        host=host,
        port=port,
        encoding=Encoding.V1_THRIFT,
    )


def story(wide_ids):
    asked = create_attrs_for_span(sample_rate=100.0, use_128bit_trace_id=wide_ids)
    tags = {"http.path": "/cart <1>", "unicode": "ü€", "empty": ""}
    front = process_tags("10.1.2.3", 8080)
    with answered(SETTINGS["front"], "get page", asked, START, START + 0.5, "10.1.2.3", 8080, tags) as page:
        sent(page, SETTINGS["front"], "get page", "server", START, 0.5, tags, {}, front)
        parent = page.zipkin_attrs.span_id
        logs = {"waits": START + 0.125, "goes on": START + 0.25}
        call = {"timestamp": START + 0.0625, "duration": 0.25, "annotations": logs, "binary_annotations": {"n": "1"}}
        with zipkin_client_span(service_name=SETTINGS["front"], span_name="get cart", **call) as client:
            shared = client.zipkin_attrs
        sent(client, SETTINGS["front"], "get cart", "client", START + 0.0625, 0.25, {"n": "1"}, logs, front, parent)
        own = {"timestamp": START + 0.375, "duration": 0.03125, "binary_annotations": {"sql": "select 1"}}
        with zipkin_span(service_name=SETTINGS["front"], span_name="local", kind=Kind.LOCAL, **own) as local:
            pass
        # Over HTTP only core annotations have an endpoint that becomes the process's; the tags' names the service.
        endpoint = front if "agent" in SETTINGS else []
        sent(local, SETTINGS["front"], "local", None, START + 0.375, 0.03125, {"sql": "select 1"}, {}, endpoint, parent)
    attributes = ZipkinAttrs(shared.trace_id, shared.span_id, shared.parent_span_id, shared.flags, True)
    begin, tags = START + 0.125, {"db": "carts"}
    with answered(SETTINGS["back"], "cart", attributes, begin, begin + 0.125, "10.1.2.4", 0, tags) as server:
        pass
    sent(server, SETTINGS["back"], "cart", "server", begin, 0.125, tags, {}, process_tags("10.1.2.4", 0), parent)


story(False)
story(True)
print(json.dumps({"spans": SENT, "notSampled": []}))
