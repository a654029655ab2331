import { expect, test } from 'vitest';
import { topFirst } from './topFirst';

test('chosen tags stand first, the others stay', () => {
  const tags = ['b', 'http.url', 'a', 'db.x', 'http.code'].map(key => ({ key, type: 'string', value: '' }));
  expect(topFirst(tags, ['http.', 'db.']).map(tag => tag.key)).toEqual(['http.url', 'http.code', 'db.x', 'b', 'a']);
});
