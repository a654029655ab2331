import { expect, test } from 'vitest';
import { formatTags, parseTags, type Tags, tagsOf } from './logfmt';

test('tags are read and written', () => {
  const some: Tags[] = [{}, { error: 'true', 'http.status_code': '500' }, { msg: 'a "b" \\ c\nd', empty: '' }];
  for (const tags of some) {
    expect(parseTags(formatTags(tags))).toEqual({ tags });
  }
  expect(parseTags('  a=1   b="x y" ')).toEqual({ tags: { a: '1', b: 'x y' } });
});

test('what is no tag is said', () => {
  for (const text of ['error', '=x', 'a="b', 'a="b"c=d']) expect(parseTags(text)).toHaveProperty('wrong');
});

test('a parameter that is no JSON is no tag', () => {
  expect(tagsOf('{"error":true,"n":1}')).toEqual({ error: 'true', n: '1' });
  for (const text of ['', 'x', '3', 'null']) expect(tagsOf(text)).toEqual({});
});
