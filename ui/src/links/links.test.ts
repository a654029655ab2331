import { beforeAll, expect, test } from 'vitest';
import { uiConfig } from '../config/uiConfig';
import { testTrace } from '../trace/testTrace';
import { tagLinks, traceLinks } from './links';
import { fill } from './template';

beforeAll(() => {
  Object.assign(globalThis, { document: { baseURI: 'http://traces/' } });
});

const trace = testTrace([
  { id: 'a', tags: { region: 'eu' }, duration: 5 },
  { id: 'b', parent: 'a', start: 1, tags: { 'request id': 'x/y&z' } },
]);
const tag = { key: 'request id', type: 'string', value: 'x/y&z' };

const links = (url: string, key = 'request id') => {
  const { linkPatterns } = uiConfig({ linkPatterns: [{ type: 'tags', key, url, text: 'logs of #{request id}' }] });
  return tagLinks(linkPatterns, 'tags', tag, trace, 1, trace.details(1).tags);
};

test('a value is encoded in the link and plain in its words', () => {
  expect(links('https://logs/?q=#{request id}')).toEqual([{ url: 'https://logs/?q=x%2Fy%26z', text: 'logs of x/y&z' }]);
});

test('ancestors and the trace are asked too', () => {
  expect(links('https://logs/#{region}/#{trace.traceID}', '*')[0]?.url).toBe('https://logs/eu/t');
  expect(links('https://logs/#{nowhere}')).toEqual([]);
  expect(links('https://logs/#{constructor}')).toEqual([]);
});

test('only the web is linked', () => {
  const script = 'javascript';
  expect(links(`${script}:alert(1)`)).toEqual([]);
  expect(links('data:text/html,#{request id}')).toEqual([]);
});

test('a trace has links of its own, with values put into other forms', () => {
  const { linkPatterns } = uiConfig({
    linkPatterns: [
      {
        type: 'traces',
        url: 'http://m/?from=#{startTime | epoch_micros_to_date_iso}&id=#{traceID}',
        text: '#{traceName}',
      },
      { type: 'nonsense', key: 'x', url: 'http://x', text: 'x' },
    ],
  });
  expect(traceLinks(linkPatterns, trace)).toEqual([
    { url: 'http://m/?from=2023-11-14T22%3A13%3A20.000Z&id=t', text: 'shop: a' },
  ]);
});

test('values are added to and padded', () => {
  expect(fill('#{n | add 5 | pad_start 4 0}', () => 7)).toBe('0012');
});
