'use strict';
// Sends one story with jaeger-client for Node (Thrift binary over UDP) and prints every span it sent, as JSON.
// Settings come as one JSON argument: {host, port, front, back, traceId128bit, sampling}.

const opentracing = require('opentracing');
const { initTracer } = require('jaeger-client');

const settings = JSON.parse(process.argv[2]);
const sent = [];
const notSampled = [];

// The client keeps milliseconds in doubles; eighths survive the arithmetic, so microseconds below are exact.
const start = Date.now() - 1000;
const at = (milliseconds) => start + milliseconds;

function tracer(serviceName, sampler) {
  return initTracer(
    { serviceName, sampler, reporter: { agentHost: settings.host, agentPort: settings.port } },
    {
      traceId128bit: settings.traceId128bit,
      tags: { 'process.text': 'one <&> "two"', 'process.number': 7.5, 'process.bool': false },
    },
  );
}

function value(key, given) {
  if (Buffer.isBuffer(given)) return { key, type: 'binary', value: given.toString('base64') };
  if (typeof given === 'number') return { key, type: 'float64', value: given };
  if (typeof given === 'boolean') return { key, type: 'bool', value: given };
  if (typeof given === 'object') return { key, type: 'string', value: JSON.stringify(given) };
  return { key, type: 'string', value: String(given) };
}

const values = (tags) => tags.map((tag) => value(tag.key, tag.value));
const objectValues = (object) => Object.entries(object).map(([key, given]) => value(key, given));

function traceHex(context) {
  const hex = context.traceIdStr.padStart(16, '0');
  return hex.length > 16 ? hex.padStart(32, '0') : hex;
}

const spanHex = (context) => context.spanIdStr.padStart(16, '0');
const reference = (refType, context) => ({ refType, traceID: traceHex(context), spanID: spanHex(context) });

// One span: `references` is what a reader must see, parent first.
function note(owner, span, begin, end, operationName, references, logs) {
  const context = span.context();
  span.finish(end);
  if (!context.isSampled()) {
    notSampled.push(spanHex(context));
    return;
  }
  sent.push({
    traceID: traceHex(context),
    spanID: spanHex(context),
    flags: context.flags,
    operationName,
    references,
    startTime: Math.round(begin * 1000),
    duration: Math.round((end - begin) * 1000),
    tags: values(span._tags),
    logs: (logs || []).map((log) => ({ timestamp: Math.round(log.time * 1000), fields: objectValues(log.fields) })),
    process: { serviceName: owner._serviceName, tags: objectValues(owner._tags) },
  });
}

function story(front, back) {
  const root = front.startSpan('GET /checkout', { startTime: at(0) });
  root.addTags({
    'span.kind': 'server',
    'value.text': 'überraschung \u2028 日本 <b>&</b>',
    'value.empty': '',
    'value.true': true,
    'value.false': false,
    'value.int': 42,
    'value.float': -0.0625,
    'value.large': 1.5e300,
    'value.small': 5e-324,
    'value.binary': Buffer.from([0, 1, 2, 127, 128, 255]),
    'value.object': { nested: [1, 'two', null] },
  });
  const rootLogs = [
    { time: at(1.25), fields: { event: 'started', 'log.number': 1.5, 'log.bool': true, 'log.text': 'x' } },
    { time: at(2), fields: { message: 'a second one', 'log.binary': Buffer.from('bytes') } },
  ];
  for (const log of rootLogs) root.log(log.fields, log.time);

  const client = front.startSpan('call payment', { startTime: at(3), childOf: root, tags: { 'span.kind': 'client' } });
  const headers = {};
  front.inject(client.context(), opentracing.FORMAT_HTTP_HEADERS, headers);

  const remote = back.extract(opentracing.FORMAT_HTTP_HEADERS, headers);
  const server = back.startSpan('POST /pay', { startTime: at(4), childOf: remote, tags: { 'span.kind': 'server' } });
  const query = back.startSpan('select', { startTime: at(5), childOf: server, tags: { error: true } });
  note(back, query, at(5), at(6.125), 'select', [reference('CHILD_OF', server.context())]);
  note(back, server, at(4), at(8), 'POST /pay', [reference('CHILD_OF', client.context())]);
  note(front, client, at(3), at(9), 'call payment', [reference('CHILD_OF', root.context())]);

  // Two references, one of them into another trace.
  const other = front.startSpan('another trace', { startTime: at(10) });
  const both = front.startSpan('joins', {
    startTime: at(11),
    references: [opentracing.followsFrom(other.context()), opentracing.childOf(root.context())],
  });
  note(front, both, at(11), at(11.5), 'joins', [
    reference('CHILD_OF', root.context()),
    reference('FOLLOWS_FROM', other.context()),
  ]);
  note(front, other, at(10), at(12), 'another trace', []);
  note(front, root, at(0), at(20), 'GET /checkout', [], rootLogs);

  const debug = front.startSpan('debugged', { startTime: at(30), tags: { 'sampling.priority': 1 } });
  note(front, debug, at(30), at(30.125), 'debugged', []);

  const silent = front.startSpan('not sampled', { startTime: at(31) });
  silent.setTag('sampling.priority', 0);
  note(front, silent, at(31), at(32), 'not sampled', []);
}

// Starts root spans until one carries the strategy that the agent was asked for.
function sampledStory(front, done) {
  const span = front.startSpan('sampled by strategy', { startTime: at(0) });
  const param = span._tags.find((tag) => tag.key === 'sampler.param');
  if (span.context().isSampled() && param && param.value === settings.sampling.expect) {
    note(front, span, at(0), at(1), 'sampled by strategy', []);
    done();
    return;
  }
  setTimeout(() => sampledStory(front, done), 20);
}

function finish(tracers) {
  const [head, ...rest] = tracers;
  if (head) {
    head.close(() => finish(rest));
    return;
  }
  process.stdout.write(JSON.stringify({ spans: sent, notSampled }));
}

if (settings.sampling) {
  const { hostPort } = settings.sampling;
  const front = tracer(settings.front, { type: 'remote', param: 0, hostPort, refreshIntervalMs: 50 });
  sampledStory(front, () => finish([front]));
} else {
  const always = { type: 'const', param: 1 };
  const front = tracer(settings.front, always);
  const back = tracer(settings.back, always);
  story(front, back);
  finish([front, back]);
}
