// Spans that nobody meant: markup, control characters, enormous texts, missing parents, clocks that disagree, and a
// trace that is still growing.
import assert from 'node:assert/strict';
import { onPage, until } from '../browser.mjs';
import { id, minutesAgo, send } from '../spans.mjs';

const rows = page => page.locator('[data-row]');
const MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script>';

onPage('markup, control characters and enormous texts are text', '/search', async page => {
  const trace = id(16);
  const root = id(8);
  const began = minutesAgo(10);
  await send(trace, began, [
    { service: `odd ${MARKUP}`, name: MARKUP, id: root, start: 0, duration: 1000, tags: { [MARKUP]: MARKUP, huge: 'x'.repeat(1 << 20) } },
    { service: 'odd', name: 'n'.repeat(100_000), id: id(8), parent: root, start: 10, duration: 10, tags: { url: 'javascript:alert(3)' } },
    { service: 'odd', name: 'a\u202Egnp.exe\u0007\n\u0000b', id: id(8), parent: root, start: 20, duration: 10, events: [{ at: 21, name: MARKUP, tags: { m: MARKUP } }] },
  ]);
  const base = page.url().replace(/\/search.*/, '');
  await page.goto(`${base}/trace/${trace}?open=${root}`);
  await rows(page).first().waitFor();
  await page.getByText(MARKUP).first().waitFor();
  await page.getByRole('button', { name: 'Show all 1,048,576 characters' }).click();
  await page.getByRole('button', { name: 'Show less' }).waitFor();
  assert.ok((await rows(page).nth(1).textContent()).length < 1000, 'a name is cut');
  assert.match(await rows(page).nth(2).textContent(), /␇␊/);
  await page.goto(`${base}/search?service=odd&lookback=1h`);
  await page.getByRole('link', { name: /<img src=x/ }).first().waitFor();
  for (const view of ['statistics', 'flamegraph', 'spans', 'logs', 'graph']) {
    await page.goto(`${base}/trace/${trace}?view=${view}`);
    await page.getByText('Loading').waitFor({ state: 'detached' });
    assert.ok((await page.locator('main').textContent()).length > 20, view);
  }
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
});

onPage('missing parents and clocks that disagree are said', '/search', async page => {
  const trace = id(16);
  const root = id(8);
  await send(trace, minutesAgo(10), [
    { service: 'here', name: 'call', id: root, start: 0, duration: 1000, process: { ip: '10.0.0.1' } },
    { service: 'there', name: 'answer', id: id(8), parent: root, start: 60_000_000, duration: 500, process: { ip: '10.0.0.2' } },
    { service: 'lost', name: 'orphan', id: id(8), parent: id(8), start: 100, duration: 10, process: { ip: '10.0.0.1' } },
  ]);
  const base = page.url().replace(/\/search.*/, '');
  await page.goto(`${base}/trace/${trace}`);
  await page.getByText('1 span names a parent that is not here').waitFor();
  await page.getByText(/Clocks do not agree: 1 span up to 60s off/).waitFor();
  await page.goto(`${base}/trace/${trace}?raw=1`);
  await page.getByText('as they were received').waitFor();
  await page.getByRole('link', { name: 'Show it adjusted' }).click();
  await until('the adjusted one', () => !new URL(page.url()).searchParams.has('raw'));
});

onPage('a young trace grows by itself', '/search', async page => {
  const trace = id(16);
  const root = id(8);
  const began = minutesAgo(0);
  await send(trace, began, [{ service: 'young', name: 'first', id: root, start: 0, duration: 1000 }]);
  await page.goto(`${page.url().replace(/\/search.*/, '')}/trace/${trace}`);
  await page.getByText('new spans appear by themselves').waitFor();
  assert.equal(await rows(page).count(), 1);
  await send(trace, began, [{ service: 'young', name: 'second', id: id(8), parent: root, start: 10, duration: 10 }]);
  await until('the second span', async () => (await rows(page).count()) === 2);
});
