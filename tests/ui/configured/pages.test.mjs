// Pages that come in chunks and workers of their own find them below the base path.
import assert from 'node:assert/strict';
import { onPage, settings } from '../browser.mjs';
import { id, minutesAgo, send } from '../spans.mjs';

const base = new URL(settings.base).pathname;

onPage('graph, comparison, monitor and files are below the base path', '/search', async page => {
  const outside = [];
  page.on('request', request => {
    if (!new URL(request.url()).pathname.startsWith(`${base}/`)) outside.push(request.url());
  });
  const traces = [id(16), id(16)];
  for (const trace of traces) {
    const root = id(8);
    await send(trace, minutesAgo(5), [
      { service: 'till', name: 'sell', id: root, start: 0, duration: 1000 },
      { service: 'till', name: 'print', id: id(8), parent: root, start: 10, duration: 500 },
    ]);
  }
  await page.goto(`${settings.base}/trace/${traces[0]}?view=graph`);
  await page.locator('[data-box]').nth(1).waitFor();
  await page.goto(`${settings.base}/trace/${traces.join('...')}`);
  await page.getByRole('heading', { name: 'B takes as long as A' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'till print' }).getByRole('link').first().click();
  await page.getByRole('region', { name: 'Details of print' }).waitFor();
  await page.goto(`${settings.base}/monitor?service=till`);
  await page.getByRole('heading', { name: 'Monitor' }).waitFor();
  await page.getByText('Loading').waitFor({ state: 'detached' });
  await page.goto(`${settings.base}/upload`);
  await page.getByRole('heading', { name: 'Open a file' }).waitFor();
  assert.deepEqual(outside, []);
});

onPage('a page that the operator took out of the menu is none', '/dependencies', async page => {
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
});
