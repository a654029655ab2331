// How a service does: latency, calls and errors from what the store counts.
import assert from 'node:assert/strict';
import { accessible, fitsItsWidth, onPage, until } from '../browser.mjs';

const param = (page, name) => new URL(page.url()).searchParams.get(name);
const lines = page => page.getByRole('table', { name: 'Figures by operation' }).locator('tbody tr:not([aria-hidden])');

/** A minute's calls are told when it is over; the import began minutes ago. */
async function counted(page) {
  await until('figures', async () => {
    const busy = await page.getByText(/^Loading/).count();
    if (!busy && (await lines(page).count()) > 0) return true;
    if (!busy) await page.getByRole('button', { name: 'Refresh' }).click();
    return false;
  });
}

onPage('a service has its latency, calls and errors over time, and its operations', '/monitor?service=inventory', async page => {
  await counted(page);
  for (const chart of [/^Latency\. p50: last .*s, least .*; p75: .*; p95: /, /^Calls\. Calls: last /, /^Error rate\. Errors: last 0%/]) {
    await page.getByRole('img', { name: chart }).waitFor();
  }
  assert.equal(await page.locator('canvas').count(), 3);
  const text = await lines(page).filter({ hasText: 'ImportBatch' }).textContent();
  assert.match(text, /ImportBatch\d+(\.\d+)?ms/);
  await accessible(page);
});

onPage('an operation leads to its slow traces', '/monitor?service=inventory&sort=operation', async page => {
  await counted(page);
  await lines(page).filter({ hasText: 'ImportCatalog' }).getByRole('link', { name: 'slow' }).click();
  await page.getByRole('region', { name: 'Found traces' }).getByText('ImportCatalog').first().waitFor();
  assert.match(param(page, 'minDuration'), /^\d+us$/);
});

onPage('operations are filtered and sorted, and the URL keeps it', '/monitor?service=inventory', async page => {
  await counted(page);
  await page.getByLabel('Filter').fill('batch');
  await until('one operation', async () => (await lines(page).count()) === 1);
  await page.getByRole('button', { name: 'p95 latency' }).click();
  assert.deepEqual([param(page, 'filter'), param(page, 'sort')], ['batch', 'p95']);
  await page.reload();
  await until('the same after a reload', async () => (await lines(page).count()) === 1);
  await page.getByLabel('Filter').fill('nothing like it');
  await page.getByText('Change the filter').waitFor();
});

onPage('a service without such spans offers the other kinds', '/monitor?service=inventory&spanKind=consumer', async page => {
  await page.getByRole('heading', { name: 'No consumer span of inventory' }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'server' }).click();
  await counted(page);
  assert.equal(param(page, 'spanKind'), 'server');
});

onPage('a drag over a chart is a range of time', '/monitor?service=inventory', async page => {
  await counted(page);
  const chart = await page.locator('canvas').first().boundingBox();
  await page.mouse.move(chart.x + chart.width * 0.5, chart.y + 60);
  await page.mouse.down();
  await page.mouse.move(chart.x + chart.width * 0.9, chart.y + 60, { steps: 5 });
  await page.mouse.up();
  await until('a range', () => param(page, 'lookback') === 'custom' && param(page, 'start') && param(page, 'end'));
  await page.getByLabel('From', { exact: true }).waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Refresh' }).waitFor();
});

onPage('a link of the original page is understood', '/monitor?service=inventory&spanKind=server&timeframe=10800000', async page => {
  await counted(page);
  assert.equal(await page.getByRole('combobox', { name: /^Time/ }).inputValue(), '3h');
});

onPage('a server that counts nothing says how to count', '/search', async page => {
  const disabled = { status: 501, body: '{"errors":[{"code":501,"msg":"metrics querying is currently disabled"}]}' };
  await page.route('**/api/metrics/*', route => route.fulfill(disabled));
  await page.getByRole('link', { name: 'Monitor' }).click();
  await page.getByRole('heading', { name: 'This server counts no calls' }).waitFor();
  await page.getByText('METRICS_STORAGE_TYPE=prometheus').waitFor();
  await accessible(page);
}, { expected: [501] });

onPage('no service yet, and no names to be had', '/search', async page => {
  await page.getByRole('button', { name: 'Find traces' }).waitFor();
  await page.route('**/api/services', route => route.fulfill({ json: { data: null, errors: null } }));
  await page.goto(page.url().replace(/\/search.*/, '/monitor'));
  await page.getByRole('heading', { name: 'No service has sent a span yet' }).waitFor();
  await page.unroute('**/api/services');
  await page.route('**/api/services', route => route.fulfill({ status: 500, body: '{"errors":[{"code":500,"msg":"damaged"}]}' }));
  await page.reload();
  await page.getByText('damaged').waitFor();
  await page.unroute('**/api/services');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('damaged').waitFor({ state: 'detached' });
}, { expected: [500] });

onPage('dark, and in a narrow window', '/monitor?service=inventory', async page => {
  await counted(page);
  await fitsItsWidth(page);
  await accessible(page);
}, { colorScheme: 'dark', viewport: { width: 900, height: 700 } });
