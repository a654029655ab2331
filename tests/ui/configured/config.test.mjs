// Below a base path, with an operator's --query.ui-config.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { onPage, settings, until } from '../browser.mjs';
import { id, minutesAgo, send } from '../spans.mjs';

const base = new URL(settings.base).pathname;

onPage('everything is below the base path', '/', async page => {
  const outside = [];
  page.on('request', request => {
    if (!new URL(request.url()).pathname.startsWith(`${base}/`)) outside.push(request.url());
  });
  await until('the search', () => new URL(page.url()).pathname === `${base}/search`);
  await page.getByRole('button', { name: 'Find traces' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Find traces' }).waitFor();
  const icon = await page.locator('link[rel="shortcut icon"]').evaluate(link => link.href);
  assert.equal((await page.request.get(icon)).status(), 200);
  assert.equal(await page.locator('#jaeger-ui-root').count(), 1);
  const policy = (await page.request.get(page.url())).headers()['content-security-policy'];
  assert.match(policy, /default-src 'self'/);
  assert.deepEqual(outside, []);
});

onPage('the operator says what is in the menu and how far a search goes', '/search', async page => {
  const links = page.getByRole('navigation', { name: 'Links' });
  await links.getByRole('link', { name: 'Team page' }).waitFor();
  assert.equal(await links.getByText('Broken').evaluate(element => element.tagName), 'SPAN');
  assert.equal(await page.getByRole('link', { name: 'System' }).count(), 0, 'dependencies.menuEnabled is false');
  assert.equal(await page.getByLabel('Limit').getAttribute('max'), '50');
  const lookbacks = await page.getByLabel(/^Time/).locator('option').allTextContents();
  assert.equal(lookbacks.at(-2), 'Last 6 hours');
});

onPage('a span leads to its logs', '/search', async (page, { context, wrong }) => {
  const logs = createServer((request, response) => response.end(`logs of ${request.url}`)).listen(settings.logsPort, '127.0.0.1');
  try {
    const trace = id(16);
    const root = id(8);
    await send(trace, minutesAgo(10), [
      { service: 'shop', name: 'buy', id: root, start: 0, duration: 1000, tags: { 'request.id': 'a/b&c', 'http.url': 'u', zone: 'eu' } },
    ]);
    await page.goto(`${settings.base}/trace/${trace}?open=${root}`);
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'Logs of a/b&c' }).click(),
    ]);
    await opened.waitForLoadState();
    assert.equal(await opened.textContent('body'), `logs of /find?q=a%2Fb%26c&trace=${trace}`);
    await opened.close();
    // topTagPrefixes: what the operator looks at first.
    const keys = await page.getByRole('region', { name: /^Details/ }).locator('table').first().locator('th').allTextContents();
    assert.equal(keys[0], 'zone');
    await page.getByRole('link', { name: 'All logs of this trace' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Archive' }).count(), 0, 'archiveEnabled is false');
    assert.deepEqual(wrong, []);
  } finally {
    logs.close();
  }
});
