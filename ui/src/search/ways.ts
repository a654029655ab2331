// Three ways to send a span, ready to be pasted into a terminal.

export interface Way {
  title: string;
  text: string;
}

/** `host` is how the reader reaches the server; ports are those that the process listens on. */
export function waysToSend(host: string, ports: Record<string, number>): Way[] {
  const http = ports['collector.otlp.http'] ?? 4318;
  const udp = ports['agent.jaeger-compact'] ?? 6831;
  // Nanoseconds of this second, and ids of no meaning.
  const span =
    '"traceId":"\'$(openssl rand -hex 16)\'","spanId":"\'$(openssl rand -hex 8)\'","name":"first span",' +
    '"startTimeUnixNano":"\'$now\'000000000","endTimeUnixNano":"\'$now\'500000000"';
  const body =
    '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"hello"}}]},' +
    `"scopeSpans":[{"spans":[{${span}}]}]}]}`;
  return [
    {
      title: 'With nothing but a shell',
      text: `now=$(date +%s)\ncurl http://${host}:${http}/v1/traces -H 'Content-Type: application/json' -d '${body}'`,
    },
    {
      title: 'From a program with an OpenTelemetry SDK',
      text:
        'export OTEL_SERVICE_NAME=hello OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n' +
        `export OTEL_EXPORTER_OTLP_ENDPOINT=http://${host}:${http}`,
    },
    {
      title: 'From a program with a Jaeger client',
      text:
        'export JAEGER_SERVICE_NAME=hello JAEGER_SAMPLER_TYPE=const JAEGER_SAMPLER_PARAM=1\n' +
        `export JAEGER_AGENT_HOST=${host.replace(/^\[|\]$/g, '')} JAEGER_AGENT_PORT=${udp}`,
    },
  ];
}
