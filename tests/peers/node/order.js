'use strict';
// Orders a ride over HTTP in a span of jaeger-client for Node, and prints that span as JSON.
// Settings come as one JSON argument: {host, port, url, last}; `last` is who is asked
// in the end.

const http = require('http');
const net = require('net');
const opentracing = require('opentracing');
const { initTracer } = require('jaeger-client');

const settings = JSON.parse(process.argv[2]);
const tracer = initTracer({
  serviceName: 'shopper',
  sampler: { type: 'const', param: 1 },
  reporter: { agentHost: settings.host, agentPort: settings.port },
});

const span = tracer.startSpan('order a ride');
span.setBaggageItem('basket', 'books');

function end(failed) {
  span.finish();
  const traceID = span.context().traceIdStr.padStart(16, '0');
  tracer.close(() => {
    if (failed) throw new Error(failed);
    process.stdout.write(JSON.stringify({ spans: [{ traceID }], notSampled: [] }));
  });
}

function order() {
  const headers = {};
  tracer.inject(span.context(), opentracing.FORMAT_HTTP_HEADERS, headers);
  const request = http.get(settings.url, { headers }, (answer) => {
    let text = '';
    answer.on('data', (chunk) => { text += chunk; });
    answer.on('end', () => end(answer.statusCode === 200 ? null : `${answer.statusCode}: ${text}`));
  });
  request.on('error', (error) => end(String(error)));
}

// The server that answers the last call may still be starting.
function whenThere(tries) {
  const [host, port] = settings.last.split(':');
  const socket = net.connect(Number(port), host);
  socket.on('connect', () => {
    socket.end();
    order();
  });
  socket.on('error', () => {
    if (tries === 0) end(`nobody listens on ${settings.last}`);
    else setTimeout(() => whenThere(tries - 1), 50);
  });
}

whenThere(600);
