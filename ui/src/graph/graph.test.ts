import { expect, test } from 'vitest';
import { nearest } from './nearest';
import { middleOf, smooth } from './path';
import { place } from './place';
import type { Drawing, Sketch } from './shape';
import { cutTo, widthFor } from './text';
import { first, whole, zoomAt } from './view';

const box = (id: string) => ({ id, width: 100, height: 40 });

test('who calls stands above who is called', () => {
  const sketch: Sketch = {
    boxes: ['c', 'b', 'a'].map(box),
    arrows: [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ],
    direction: 'down',
  };
  const { boxes, arrows, width, height } = place(sketch);
  const [c, b, a] = boxes;
  expect(a!.y).toBeLessThan(b!.y);
  expect(b!.y).toBeLessThan(c!.y);
  expect(arrows.every(points => points.length >= 2)).toBe(true);
  for (const { x, y } of boxes) {
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(width);
    expect(y).toBeLessThan(height);
  }
});

test('circles, calls to itself and names of object members are laid out', () => {
  const ids = ['a', 'b', '__proto__', 'constructor', ''];
  const arrows = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'a' },
    { from: 'a', to: 'a' },
    { from: '__proto__', to: 'constructor' },
    { from: 'constructor', to: '' },
  ];
  const { boxes, arrows: drawn } = place({ boxes: ids.map(box), arrows, direction: 'right' });
  // An arrow to itself stays beside its box.
  expect(drawn[2]!.every(({ x, y }) => Math.abs(x - boxes[0]!.x) <= 80 && Math.abs(y - boxes[0]!.y) <= 20)).toBe(true);
  expect(boxes.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
  expect(drawn.map(points => points.length > 0)).toEqual(arrows.map(() => true));
});

test('a line goes through from its first point to its last', () => {
  const points = [0, 10, 20, 30].map(at => ({ x: at, y: at }));
  expect(smooth(points)).toBe('M0 0Q10 10 15 15Q20 20 30 30');
  expect(smooth(points.slice(0, 2))).toBe('M0 0L10 10');
  expect(smooth([])).toBe('');
  expect(middleOf(points)).toEqual({ x: 15, y: 15 });
  expect(middleOf([])).toBeUndefined();
});

test('zooming keeps what is under the pointer', () => {
  const before = { zoom: 1, x: 10, y: 20 };
  const after = zoomAt(before, 2, 110, 120);
  expect((110 - after.x) / after.zoom).toBe((110 - before.x) / before.zoom);
  expect(zoomAt(before, 1e9, 0, 0).zoom).toBe(4);
});

test('a drawing fits its screen and is not made larger', () => {
  expect(whole({ width: 1000, height: 100 }, { width: 500, height: 500 })).toEqual({ zoom: 0.5, x: 0, y: 225 });
  expect(whole({ width: 100, height: 100 }, { width: 500, height: 500 }).zoom).toBe(1);
  expect(whole({ width: 0, height: 0 }, { width: 500, height: 500 }).zoom).toBe(1);
});

test('a name that does not fit keeps its beginning and its end', () => {
  expect(cutTo('orders', 110)).toBe('orders');
  expect(cutTo('payment-service-eu-west-1', 110)).toBe('payment…t-1');
  expect(cutTo('x'.repeat(1_000_000), 280).length).toBeLessThan(60);
  expect(widthFor('a', '')).toBe(110);
  expect(widthFor('x'.repeat(1_000_000), '')).toBe(280);
});

test('an arrow key goes along an arrow, else to the nearest box that lies in its direction', () => {
  const places = [
    { x: 0, y: 0 },
    { x: 10, y: 100 },
    { x: 90, y: 100 },
    { x: 0, y: 200 },
  ];
  const sketch: Sketch = { boxes: ['a', 'b', 'c', 'd'].map(box), arrows: [{ from: 'a', to: 'c' }], direction: 'down' };
  const drawing: Drawing = { direction: 'down', width: 200, height: 300, boxes: places, arrows: [] };
  expect(nearest(sketch, drawing, 0, 'down')).toBe(2);
  expect(nearest(sketch, drawing, 2, 'up')).toBe(0);
  expect(nearest(sketch, drawing, 1, 'right')).toBe(2);
  expect(nearest(sketch, drawing, 3, 'up')).toBe(1);
  expect(nearest(sketch, drawing, 0, 'up')).toBe(-1);
});

test('a wide drawing is turned so that it can be drawn larger', () => {
  const ids = Array.from({ length: 30 }, (_, at) => String(at));
  const arrows = ids.slice(1).map(to => ({ from: '0', to }));
  const { width, height } = place({ boxes: ids.map(box), arrows, direction: 'best' });
  expect(height).toBeGreaterThan(width);
});

test('what would be too small to read is seen in part, around what matters', () => {
  const screen = { width: 1000, height: 500 };
  const large = { width: 10_000, height: 200 };
  expect(first(large, screen, { x: 5000, y: 100 })).toEqual({ zoom: 0.6, x: -2500, y: 190 });
  // At an edge there is nothing beyond it.
  expect(first(large, screen, { x: 0, y: 100 }).x).toBe(0);
  expect(first(large, screen, { x: 10_000, y: 100 }).x).toBe(-5000);
  expect(first({ width: 1200, height: 200 }, screen, { x: 0, y: 0 })).toEqual(
    whole({ width: 1200, height: 200 }, screen),
  );
});
