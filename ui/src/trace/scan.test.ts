import { expect, test } from 'vitest';
import { Scanner } from './scan';

const answer = JSON.stringify({
  data: [
    {
      traceID: '1',
      spans: [
        { spanID: 'a', tags: [{ key: 'spans', value: 'x"}]\\' }], operationName: 'ü€' },
        { spanID: 'b', nested: [[{ spans: [{}] }]] },
      ],
      processes: { p1: { serviceName: 'shop', tags: [] } },
      warnings: ['odd'],
    },
    { processes: null, traceID: 'data', spans: [{ spanID: 'c' }], warnings: null },
  ],
  total: 0,
  errors: [{ msg: 'late' }],
});

function scanned(text: string, step: number) {
  const bytes = new TextEncoder().encode(text);
  const scanner = new Scanner();
  for (let length = step; length < bytes.length + step; length += step) {
    scanner.scan(bytes, Math.min(length, bytes.length));
  }
  const read = (piece?: { from: number; to: number }) =>
    piece && JSON.parse(new TextDecoder().decode(bytes.subarray(piece.from, piece.to)));
  return { scanner, read };
}

test('spans are found however the answer is cut and laid out', () => {
  for (const text of [answer, JSON.stringify(JSON.parse(answer), null, 4)]) {
    for (const step of [1, 3, 7, 100_000]) {
      const { scanner, read } = scanned(text, step);
      expect(scanner.whole).toBe(true);
      expect(scanner.traces.map(trace => trace.spans.map(span => read(span).spanID))).toEqual([['a', 'b'], ['c']]);
      expect(read(scanner.traces[0]?.processes)).toEqual({ p1: { serviceName: 'shop', tags: [] } });
      expect(read(scanner.traces[0]?.warnings)).toEqual(['odd']);
      expect(scanner.traces[1]?.processes).toBeUndefined();
      expect(read(scanner.errors)).toEqual([{ msg: 'late' }]);
    }
  }
});

test('an answer that stops is not whole', () => {
  expect(scanned(answer.slice(0, 200), 10).scanner.whole).toBe(false);
  expect(scanned('', 10).scanner.whole).toBe(false);
});
