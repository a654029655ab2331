import { expect, test } from 'vitest';
import { shaped } from './shape';

const TRACE = { traceID: '1', spans: [{ spanID: '2' }], processes: {} };
const SPANS = { resource: {}, scopeSpans: [] };

test('an answer of the API, a list of traces and one trace are the same', () => {
  for (const given of [{ data: [TRACE], errors: null }, [TRACE], TRACE]) {
    expect(JSON.parse(shaped(JSON.stringify(given)))).toEqual({ data: [TRACE] });
  }
});

test('OTLP is taken alone, as an answer of api_v3, and a line each', () => {
  const one = { resourceSpans: [SPANS] };
  expect(JSON.parse(shaped(JSON.stringify(one)))).toEqual(one);
  expect(JSON.parse(shaped(JSON.stringify({ result: one })))).toEqual(one);
  expect(JSON.parse(shaped(`${JSON.stringify(one)}\n${JSON.stringify(one)}\n`))).toEqual({
    resourceSpans: [SPANS, SPANS],
  });
});

test('what holds no traces is refused, and says what to choose', () => {
  for (const text of ['', 'hello', '{}', '[]', '3', 'null', '{"data":null}', '{"a":1}\n{"b":']) {
    expect(() => shaped(text), text).toThrow(/choose traces/);
  }
  expect(() => shaped('{"a":1}\n{"b":')).toThrow(/line 2/);
});
