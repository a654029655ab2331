import { expect, test } from 'vitest';
import { sample } from '../paths/sample';
import { groups, sorted } from './groups';

const SPANS = sample(['page:GET', -1, 100, 40, 0], ['db:select', 0, 40, 40, 0], ['db:insert', 0, 20, 20, 0, true]);

test('spans are grouped by one name and then by another', () => {
  const [page, db] = groups(SPANS, SPANS.service, SPANS.operation);
  expect(page).toMatchObject({ name: 'page', spans: 1, total: 100, self: 40, selfPart: 0.4 });
  expect(db).toMatchObject({
    name: 'db',
    spans: 2,
    failed: 1,
    total: 60,
    mean: 30,
    least: 20,
    most: 40,
    self: 60,
    selfMean: 30,
  });
  expect(db?.groups.map(({ name, self }) => [name, self])).toEqual([
    ['select', 40],
    ['insert', 20],
  ]);
});

test('spans without the name are a group of their own and stand last among equals', () => {
  const all = sorted(
    groups(SPANS, at => (at === 0 ? undefined : SPANS.operation(at))),
    'spans',
    true,
  );
  expect(all.map(({ name }) => name)).toEqual(['insert', 'select', undefined]);
});

test('a trace that took no time has no parts', () => {
  const [group] = groups(sample(['a:b', -1, 0, 0, 0]), () => 'x');
  expect(group?.selfPart).toBe(0);
});

test('groups are sorted by each column both ways', () => {
  const all = groups(SPANS, SPANS.service);
  expect(sorted(all, 'self', true).map(({ name }) => name)).toEqual(['db', 'page']);
  expect(sorted(all, 'self', false).map(({ name }) => name)).toEqual(['page', 'db']);
  expect(sorted(all, 'name', false).map(({ name }) => name)).toEqual(['db', 'page']);
});
