import { expect, test } from 'vitest';
import { panned, readZoom, writeZoom, zoomed } from './zoom';

test('a zoom stays within the trace', () => {
  expect(readZoom('', '', 100)).toEqual({ from: 0, to: 100 });
  expect(readZoom('20', '40', 100)).toEqual({ from: 20, to: 40 });
  expect(readZoom('90', '200', 100)).toEqual({ from: 0, to: 100 });
  expect(readZoom('x', 'y', 100)).toEqual({ from: 0, to: 100 });
  expect(panned({ from: 20, to: 40 }, -5, 100)).toEqual({ from: 0, to: 20 });
  expect(panned({ from: 20, to: 40 }, 0.5, 100)).toEqual({ from: 30, to: 50 });
  expect(zoomed({ from: 20, to: 40 }, 0.5, 100)).toEqual({ from: 25, to: 35 });
  expect(zoomed({ from: 0, to: 60 }, 4, 100)).toEqual({ from: 0, to: 100 });
});

test('the whole is not written', () => {
  expect(writeZoom({ from: 0, to: 100 }, 100)).toEqual({ from: undefined, to: undefined });
  expect(writeZoom({ from: 10.4, to: 20 }, 100)).toEqual({ from: '10', to: '20' });
});
