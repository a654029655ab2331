// Sends spans as OTLP in JSON.
import { randomBytes } from 'node:crypto';
import assert from 'node:assert/strict';
import { settings } from './browser.mjs';

export const id = bytes => randomBytes(bytes).toString('hex');

/** Spans as `{service, name, start, duration, id, parent, tags, events, error}`; times are µs, starts from `began`. */
export async function send(traceId, began, spans) {
  const value = text => ({ stringValue: String(text) });
  const attributes = tags => Object.entries(tags ?? {}).map(([key, given]) => ({ key, value: value(given) }));
  const nanos = us => `${Math.round(us)}000`;
  const resourceSpans = spans.map(span => ({
    resource: { attributes: attributes({ 'service.name': span.service, ...span.process }) },
    scopeSpans: [
      {
        spans: [
          {
            traceId,
            spanId: span.id,
            parentSpanId: span.parent,
            name: span.name,
            kind: span.kind ?? 1,
            startTimeUnixNano: nanos(began + span.start),
            endTimeUnixNano: nanos(began + span.start + span.duration),
            attributes: attributes(span.tags),
            events: (span.events ?? []).map(event => ({
              timeUnixNano: nanos(began + event.at),
              name: event.name,
              attributes: attributes(event.tags),
            })),
            status: span.error ? { code: 2, message: span.error } : {},
          },
        ],
      },
    ],
  }));
  const answer = await fetch(`http://${settings.otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans }),
  });
  assert.equal(answer.status, 200, await answer.text());
  return traceId;
}

/** Some minutes ago in µs. */
export const minutesAgo = minutes => (Date.now() - minutes * 60_000) * 1000;
