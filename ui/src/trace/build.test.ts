import { expect, test } from 'vitest';
import { Builder } from './build';
import { CLIENT, ERROR, ORPHAN, Trace, WARNED } from './Trace';

function built(answer: unknown): { traces: Trace[]; errors: string[] } {
  const builder = new Builder(16);
  builder.push(new TextEncoder().encode(JSON.stringify(answer)));
  const { traces, errors } = builder.finish();
  return { traces: traces.map(data => new Trace(data)), errors };
}

const reference = (spanID: string) => [{ refType: 'CHILD_OF', traceID: 't', spanID }];

const answer = {
  data: [
    {
      traceID: 't',
      spans: [
        {
          traceID: 't',
          spanID: 'child',
          operationName: 'select',
          references: reference('root'),
          startTime: 1010,
          duration: 50,
          processID: 'p2',
          tags: [
            { key: 'span.kind', type: 'string', value: 'client' },
            { key: 'db.system', type: 'string', value: 'mysql' },
            { key: 'error', type: 'bool', value: true },
          ],
          logs: [{ timestamp: 1020, fields: [{ key: 'event', type: 'string', value: '<b>' }] }],
          warnings: ['shifted'],
        },
        {
          traceID: 't',
          spanID: 'root',
          operationName: 'buy',
          references: [],
          startTime: 1000,
          duration: 100,
          processID: 'p1',
        },
        {
          traceID: 't',
          spanID: 'lost',
          operationName: 'x',
          references: reference('gone'),
          startTime: 1200,
          duration: -5,
          processID: 'p9',
        },
        { traceID: 't', spanID: 'no time', operationName: 'x', startTime: 0, duration: 1, processID: 'p1' },
      ],
      processes: { p1: { serviceName: 'shop', tags: [] }, p2: { serviceName: 'stock' } },
      warnings: null,
    },
  ],
  errors: [{ msg: 'trace not found', traceID: 'u' }],
};

test('an answer becomes rows in the order of the tree', () => {
  const { traces, errors } = built(answer);
  const trace = traces[0]!;
  expect(errors).toEqual(['trace not found']);
  expect(trace.ids).toEqual(['root', 'child', 'lost']);
  expect([0, 1, 2].map(row => trace.service(row))).toEqual(['shop', 'stock', 'unknown-service']);
  expect([trace.start, trace.end, trace.depth, trace.errors, trace.orphans]).toEqual([1000, 1200, 2, 1, 1]);
  expect([...trace.columns.self]).toEqual([50, 50, 0]);
  expect(trace.peer(1)).toBe('mysql');
  expect([ERROR, CLIENT, WARNED, ORPHAN].map(flag => trace.has(1, flag))).toEqual([true, true, true, false]);
  expect(trace.has(2, ORPHAN)).toBe(true);
  expect(trace.row('child')).toBe(1);
  expect(trace.row('nowhere')).toBe(-1);
});

test('what a span has beside is read from the bytes', () => {
  const details = built(answer).traces[0]!.details(1);
  expect(details.tags).toHaveLength(3);
  expect(details.logs[0]?.fields[0]?.value).toBe('<b>');
  expect(details.warnings).toEqual(['shifted']);
  expect(built(answer).traces[0]!.details(2).logs).toEqual([]);
});

test('an answer without traces is none', () => {
  expect(built({ data: null, errors: [{ msg: 'gone' }] })).toEqual({ traces: [], errors: ['gone'] });
  expect(built({ data: [], errors: null }).traces).toEqual([]);
});

test('an answer that stops says so', () => {
  const builder = new Builder();
  builder.push(new TextEncoder().encode('{"data":[{"spans":['));
  expect(() => builder.finish()).toThrow('stopped before its end');
});
