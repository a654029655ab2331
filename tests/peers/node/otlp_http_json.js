'use strict';
// Sends one story with the OpenTelemetry SDK for Node (OTLP over HTTP, JSON) and prints every span it sent, as JSON.
// Settings come as one JSON argument: {url, front, back}.

const api = require('@opentelemetry/api');
const { BasicTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { resourceFromAttributes } = require('@opentelemetry/resources');

const settings = JSON.parse(process.argv[2]);
const sent = [];
const failures = [];
api.diag.setLogger(
  { error: (text) => failures.push(String(text)), warn: () => {}, info: () => {}, debug: () => {}, verbose: () => {} },
  api.DiagLogLevel.ERROR,
);

// [seconds, nanoseconds], so that nothing is lost to doubles.
const second = Math.floor(Date.now() / 1000) - 1;
const at = (microseconds, nanoseconds = 0) => [second, microseconds * 1000 + nanoseconds];
const nanoseconds = ([seconds, rest]) => (BigInt(seconds) * 1000000000n + BigInt(rest)).toString();

function value(key, given) {
  if (given === null) return { key, type: 'none', value: null };
  if (Array.isArray(given)) return { key, type: 'array', value: given.map((item) => value('', item)) };
  if (given instanceof Uint8Array) return { key, type: 'bytes', value: Buffer.from(given).toString('base64') };
  if (typeof given === 'boolean') return { key, type: 'bool', value: given };
  if (typeof given === 'number') return { key, type: Number.isInteger(given) ? 'int' : 'double', value: given };
  return { key, type: 'string', value: String(given) };
}

const values = (object) => Object.entries(object || {}).map(([key, given]) => value(key, given));

// Keeps what was handed to the exporter beside the real one.
class Recorder {
  onStart() {}
  onEnd(span) {
    const context = span.spanContext();
    sent.push({
      traceID: context.traceId,
      spanID: context.spanId,
      parentSpanID: span.parentSpanContext ? span.parentSpanContext.spanId : '',
      traceState: context.traceState ? context.traceState.serialize() : '',
      name: span.name,
      kind: ['internal', 'server', 'client', 'producer', 'consumer'][span.kind],
      start: nanoseconds(span.startTime),
      end: nanoseconds(span.endTime),
      status: { code: ['', 'OK', 'ERROR'][span.status.code], message: span.status.message || '' },
      attributes: values(span.attributes),
      events: span.events.map((event) => ({
        time: nanoseconds(event.time),
        name: event.name,
        attributes: values(event.attributes),
      })),
      links: span.links.map((link) => ({ traceID: link.context.traceId, spanID: link.context.spanId })),
      scope: { name: span.instrumentationScope.name, version: span.instrumentationScope.version || '' },
      resource: values(span.resource.attributes),
    });
  }
  forceFlush() {
    return Promise.resolve();
  }
  shutdown() {
    return Promise.resolve();
  }
}

function provider(service) {
  const exporter = new OTLPTraceExporter({ url: settings.url });
  return new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': '1.2.3',
      'resource.int': 7,
      'resource.double': 0.5,
      'resource.bool': true,
    }),
    spanProcessors: [new Recorder(), new SimpleSpanProcessor(exporter)],
  });
}

function story(front, back) {
  const root = front.startSpan('GET /checkout', {
    kind: api.SpanKind.SERVER,
    startTime: at(0, 789),
    attributes: {
      'value.text': 'überraschung \u2028 日本 <b>&</b>',
      'value.empty': '',
      'value.true': true,
      'value.false': false,
      'value.int': 42,
      'value.safe': Number.MAX_SAFE_INTEGER,
      'value.negative': -7,
      'value.double': -0.0625,
      'value.tiny': 1.5e-300,
      'value.nothing': null,
      'value.texts': ['a', 'b <&>'],
      'value.ints': [1, 2],
      'value.bools': [true, false],
      'value.doubles': [0.5, 1.25],
    },
  });
  root.addEvent('started', { 'event.int': 1, 'event.text': 'x', 'event.bool': true, 'event.double': 2.5 }, at(100));
  const inRoot = api.trace.setSpan(api.ROOT_CONTEXT, root);
  const client = front.startSpan('call payment', { kind: api.SpanKind.CLIENT, startTime: at(1000) }, inRoot);

  // The other service sees only the context that travelled.
  const travelled = { ...client.spanContext(), isRemote: true, traceState: api.createTraceState('vendor=a:b') };
  const inBack = api.trace.setSpanContext(api.ROOT_CONTEXT, travelled);
  const server = back.startSpan('POST /pay', { kind: api.SpanKind.SERVER, startTime: at(2000) }, inBack);
  const inServer = api.trace.setSpan(api.ROOT_CONTEXT, server);
  const query = back.startSpan(
    'select',
    { startTime: at(3000), links: [{ context: root.spanContext(), attributes: { why: 'caused' } }] },
    inServer,
  );
  query.setStatus({ code: api.SpanStatusCode.ERROR, message: 'timed out' });
  query.recordException({ name: 'Timeout', message: 'timed out', stack: 'at line 1' }, at(3500));
  query.end(at(4000, 1));
  server.setStatus({ code: api.SpanStatusCode.OK });
  server.end(at(5000));
  client.end(at(6000));
  front.startSpan('publish', { kind: api.SpanKind.PRODUCER, startTime: at(7000) }, inRoot).end(at(7100));
  front.startSpan('consume', { kind: api.SpanKind.CONSUMER, startTime: at(7200) }, inRoot).end(at(7300));
  root.end(at(9000));
}

async function main() {
  const front = provider(settings.front);
  const back = provider(settings.back);
  story(front.getTracer('front-scope', '0.1'), back.getTracer('back-scope'));
  for (const one of [front, back]) {
    await one.forceFlush();
    await one.shutdown();
  }
  if (failures.length > 0) {
    process.stderr.write(`the exporter reported: ${failures.join('; ')}\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(JSON.stringify({ spans: sent, notSampled: [] }));
}

main();
