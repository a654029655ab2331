"""Calls every method of query's gRPC services with a client made from `proto/`, and prints what it got as JSON.

Settings come as one JSON argument: {address, proto, traceId, absentId, service, from, to}, the times in nanoseconds since 1970.
"""

import json
import os
import sys
import tempfile

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_tools import protoc

SETTINGS = json.loads(sys.argv[1])
PROTO = SETTINGS["proto"]
GOOGLE = os.path.join(os.path.dirname(protoc.__file__), "_proto")
FOLDERS = [os.path.join(PROTO, name) for name in ("api_v2", "api_v2_metrics", "api_v3")] + [PROTO, GOOGLE]
FILES = ["model.proto", "query.proto", "openmetrics.proto", "metricsquery.proto", "query_service.proto"]

made = tempfile.mkdtemp()
flags = ["-I" + folder for folder in FOLDERS] + ["--python_out=" + made, "--grpc_python_out=" + made]
if protoc.main(["protoc"] + flags + FILES) != 0:
    sys.exit("proto/ does not compile")
sys.path.insert(0, made)

# OTLP's own messages come from its package: ours must be the same on the wire.
import metricsquery_pb2 as metrics  # noqa: E402
import metricsquery_pb2_grpc  # noqa: E402
import query_pb2 as v2  # noqa: E402
import query_pb2_grpc  # noqa: E402
import query_service_pb2 as v3  # noqa: E402
import query_service_pb2_grpc  # noqa: E402
from google.protobuf.duration_pb2 import Duration  # noqa: E402
from google.protobuf.timestamp_pb2 import Timestamp  # noqa: E402

TIMEOUT = 20


def time(nanos):
    return Timestamp(seconds=nanos // 10**9, nanos=nanos % 10**9)


def failed(call, request):
    """The code and the words of a call that has no answer."""
    try:
        answer = call(request, timeout=TIMEOUT)
        for _ in answer if hasattr(answer, "__iter__") else []:
            pass
    except grpc.RpcError as error:
        return [error.code().name, error.details()]
    return ["OK", ""]


def spans_of(chunks):
    """Each span as [id, operation, service, parent]."""
    found = []
    for chunk in chunks:
        for span in chunk.spans:
            parents = [reference.span_id.hex() for reference in span.references]
            found.append([span.span_id.hex(), span.operation_name, span.process.service_name, parents])
    return sorted(found)


def otlp_spans_of(messages):
    found = []
    for message in messages:
        for resource in message.resource_spans:
            names = {a.key: a.value.string_value for a in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    parents = [span.parent_span_id.hex()] if span.parent_span_id else []
                    found.append([span.span_id.hex(), span.name, names.get("service.name"), parents])
    return sorted(found)


def api_v2(channel):
    stub = query_pb2_grpc.QueryServiceStub(channel)
    trace_id, absent = bytes.fromhex(SETTINGS["traceId"]), bytes.fromhex(SETTINGS["absentId"])
    start, end = time(SETTINGS["from"]), time(SETTINGS["to"])

    def search(**query):
        query = v2.TraceQueryParameters(start_time_min=start, start_time_max=end, **query)
        return spans_of(stub.FindTraces(v2.FindTracesRequest(query=query), timeout=TIMEOUT))

    def links():
        request = v2.GetDependenciesRequest(start_time=start, end_time=end)
        found = stub.GetDependencies(request, timeout=TIMEOUT).dependencies
        return [[link.parent, link.child, link.call_count] for link in found]

    operations = stub.GetOperations(v2.GetOperationsRequest(service=SETTINGS["service"]), timeout=TIMEOUT).operations
    return {
        "trace": spans_of(stub.GetTrace(v2.GetTraceRequest(trace_id=trace_id), timeout=TIMEOUT)),
        "found": search(service_name=SETTINGS["service"], tags={"color": "red"}, search_depth=20),
        "notFound": search(service_name=SETTINGS["service"], tags={"color": "blue"}, search_depth=20),
        "services": list(stub.GetServices(v2.GetServicesRequest(), timeout=TIMEOUT).services),
        "operations": [[operation.name, operation.span_kind] for operation in operations],
        "dependencies": links(),
        # Long enough to be worth compressing.
        "byGzip": list(
            stub.GetOperations(
                v2.GetOperationsRequest(service="x" * 2000), timeout=TIMEOUT, compression=grpc.Compression.Gzip
            ).operations
        ),
        "archived": str(stub.ArchiveTrace(v2.ArchiveTraceRequest(trace_id=trace_id), timeout=TIMEOUT)),
        "errors": {
            "absent": failed(stub.GetTrace, v2.GetTraceRequest(trace_id=absent)),
            "zero": failed(stub.GetTrace, v2.GetTraceRequest(trace_id=bytes(16))),
            "archiveAbsent": failed(stub.ArchiveTrace, v2.ArchiveTraceRequest(trace_id=absent)),
            "noQuery": failed(stub.FindTraces, v2.FindTracesRequest()),
            "noTimes": failed(stub.GetDependencies, v2.GetDependenciesRequest()),
        },
    }


def api_v3(channel):
    stub = query_service_pb2_grpc.QueryServiceStub(channel)
    times = {"start_time_min": time(SETTINGS["from"]), "start_time_max": time(SETTINGS["to"])}
    query = v3.TraceQueryParameters(service_name=SETTINGS["service"], attributes={"color": "red"}, **times)
    summaries = []
    for message in stub.FindTraceSummaries(v3.FindTraceSummariesRequest(query=query), timeout=TIMEOUT):
        for it in message.summaries:
            services = [[service.name, service.span_count, service.error_span_count] for service in it.services]
            summaries.append([it.trace_id, it.root_service_name, it.root_operation_name, it.span_count, services])
    operations = stub.GetOperations(v3.GetOperationsRequest(service=SETTINGS["service"]), timeout=TIMEOUT).operations
    return {
        "trace": otlp_spans_of(stub.GetTrace(v3.GetTraceRequest(trace_id=SETTINGS["traceId"]), timeout=TIMEOUT)),
        "found": otlp_spans_of(stub.FindTraces(v3.FindTracesRequest(query=query), timeout=TIMEOUT)),
        "summaries": summaries,
        "services": list(stub.GetServices(v3.GetServicesRequest(), timeout=TIMEOUT).services),
        "operations": [[operation.name, operation.span_kind] for operation in operations],
        "errors": {
            "absent": failed(stub.GetTrace, v3.GetTraceRequest(trace_id=SETTINGS["absentId"])),
            "noHex": failed(stub.GetTrace, v3.GetTraceRequest(trace_id="zz")),
            "noQuery": failed(stub.FindTraces, v3.FindTracesRequest()),
        },
    }


def metrics_query(channel):
    stub = metricsquery_pb2_grpc.MetricsQueryServiceStub(channel)
    base = metrics.MetricsQueryBaseRequest(
        service_names=[SETTINGS["service"]],
        groupByOperation=True,
        end_time=time(SETTINGS["to"]),
        lookback=Duration(seconds=600),
        step=Duration(seconds=60),
        ratePer=Duration(seconds=600),
        spanKinds=[metrics.SPAN_KIND_SERVER],
    )

    def series(family):
        found = []
        for metric in family.metrics:
            labels = {label.name: label.value for label in metric.labels}
            last = metric.metric_points[-1].gauge_value.double_value
            found.append([labels, last])
        return {"name": family.name, "type": family.type, "series": found}

    latencies = metrics.GetLatenciesRequest(baseRequest=base, quantile=0.95)
    nobody = metrics.MetricsQueryBaseRequest()
    return {
        "calls": series(stub.GetCallRates(metrics.GetCallRatesRequest(baseRequest=base), timeout=TIMEOUT).metrics),
        "errorRates": series(stub.GetErrorRates(metrics.GetErrorRatesRequest(baseRequest=base), timeout=TIMEOUT).metrics),
        "latencies": series(stub.GetLatencies(latencies, timeout=TIMEOUT).metrics),
        "minStep": stub.GetMinStepDuration(metrics.GetMinStepDurationRequest(), timeout=TIMEOUT).minStep.seconds,
        "errors": {
            "noService": failed(stub.GetCallRates, metrics.GetCallRatesRequest(baseRequest=nobody)),
            "noQuantile": failed(stub.GetLatencies, metrics.GetLatenciesRequest(baseRequest=base)),
        },
    }


def beside(channel):
    health = health_pb2_grpc.HealthStub(channel)
    names = ["", "jaeger.api_v2.QueryService", "jaeger.api_v3.QueryService"]
    return {
        "health": [health.Check(health_pb2.HealthCheckRequest(service=name), timeout=TIMEOUT).status for name in names],
        "unknownHealth": failed(health.Check, health_pb2.HealthCheckRequest(service="nope")),
        "reflected": sorted(ProtoReflectionDescriptorDatabase(channel).get_services()),
    }


with grpc.insecure_channel(SETTINGS["address"]) as open_channel:
    answers = {
        "apiV2": api_v2(open_channel),
        "apiV3": api_v3(open_channel),
        "metrics": metrics_query(open_channel),
        "beside": beside(open_channel),
    }
print(json.dumps(answers))
