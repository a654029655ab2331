import { expect, test } from 'vitest';
import { columns, isEmpty } from './columns';
import { seriesOf } from './family';
import { rate, reached } from './format';
import { operationLines } from './operations';
import { steps } from './steps';

function metric(operation: string | undefined, values: unknown[]) {
  const labels = [{ name: 'service_name', value: 'shop' }];
  if (operation !== undefined) labels.push({ name: 'operation', value: operation });
  return {
    labels,
    metricPoints: values.map((doubleValue, at) => ({
      gaugeValue: doubleValue === undefined ? {} : { doubleValue },
      timestamp: new Date(60_000 * at).toISOString(),
    })),
  };
}

function family(...metrics: unknown[]) {
  return seriesOf({ name: 'service_operation_call_rate', metrics });
}

test('a value that cannot be told is null, and one that is left out is zero', () => {
  const [series] = family(metric(undefined, [1.5, 'NaN', undefined]));
  expect(series?.samples.map(({ value }) => value)).toEqual([1.5, null, 0]);
  expect(series?.operation).toBeUndefined();
});

test('an answer that is no family has no series', () => {
  for (const odd of [undefined, null, 3, 'text', {}, { metrics: null }, { metrics: 1 }])
    expect(seriesOf(odd)).toEqual([]);
  expect(family(null, 7, metric('a', [1]))).toHaveLength(3);
});

test('series with other times share one axis', () => {
  const [one] = family(metric('a', [1, 2, 3]));
  const [other] = family(metric('b', [4, 5]));
  const { times, values } = columns([one!, other!]);
  expect(times).toEqual([0, 60, 120]);
  expect(values).toEqual([
    [1, 2, 3],
    [4, 5, null],
  ]);
});

test('series without one known value are empty', () => {
  expect(isEmpty(family(metric('a', ['NaN', 'NaN'])))).toBe(true);
  expect(isEmpty(family(metric('a', ['NaN', 0])))).toBe(false);
  expect(isEmpty([])).toBe(true);
});

test("operations stand by what they take of the service's time", () => {
  const lines = operationLines(
    family(metric('rare and slow', [1000, 1000]), metric('often', [20, 'NaN'])),
    family(metric('rare and slow', [1, 1]), metric('often', [150, 150])),
    family(metric('often', [0.1, 0.1])),
  );
  expect(lines.map(({ operation, impact }) => [operation, impact])).toEqual([
    ['often', 0.75],
    ['rare and slow', 0.25],
  ]);
  expect(lines[0]?.errors).toBeCloseTo(0.1);
  expect(lines[1]?.errors).toBeNull();
});

test('a busy minute counts more for the errors than a quiet one', () => {
  const [line] = operationLines([], family(metric('a', [99, 1])), family(metric('a', [0, 1])));
  expect(line?.errors).toBeCloseTo(0.01);
});

test('calls are told by the second, the minute or the hour', () => {
  expect([0, 12.345, 0.1, 0.05, 0.001].map(rate)).toEqual(['0/s', '12.3/s', '0.1/s', '3/min', '3.6/h']);
});

test('slow spans are looked for from a border of the counting on', () => {
  expect([1, 7, 4850, 20_000].map(reached)).toEqual([0, 6, 2000, 15_000]);
});

test('a range has at most 240 steps of whole minutes', () => {
  expect(steps(3_600_000)).toEqual({ step: 60_000, ratePer: 600_000 });
  expect(steps(7 * 86_400_000)).toEqual({ step: 42 * 60_000, ratePer: 42 * 60_000 });
});
