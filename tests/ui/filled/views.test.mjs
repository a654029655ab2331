// The other views of a trace: statistics, flamegraph, spans, logs, graph.
import assert from 'node:assert/strict';
import { accessible, fitsItsWidth, onPage, settings, until } from '../browser.mjs';

const { stories } = settings;
const checkout = `/trace/${stories['a normal checkout']}`;
const retries = `/trace/${stories['retries with errors']}`;
const fanOut = `/trace/${stories['a fan-out of 400']}`;
const large = `/trace/${stories['an import of 10,000 spans']}`;
const param = (page, name) => new URL(page.url()).searchParams.get(name);
const table = (page, name) => page.getByRole('table', { name }).locator('tbody tr:not([aria-hidden])');
const details = (page, name) => page.getByRole('region', { name: `Details of ${name}` });

onPage('statistics: by service, then by operation, by self time first', `${checkout}?view=statistics`, async page => {
  const groups = table(page, 'Statistics by group');
  await groups.first().waitFor();
  assert.match(await groups.first().textContent(), /^payment1076ms76ms76ms76ms76ms41\.3%/);
  await page.getByLabel('then by').selectOption('operation');
  await until('groups of groups', async () => (await groups.count()) === 16);
  await page.getByRole('button', { name: 'Total' }).click();
  await until('the longest first', async () => /^storefront/.test(await groups.first().textContent()));
  assert.deepEqual([param(page, 'within'), param(page, 'sort')], ['operation', 'total']);
  await accessible(page);
  await page.reload();
  await until('the same after a reload', async () => /^storefront/.test(await groups.first().textContent()));
  await groups.filter({ hasText: 'GetProduct' }).getByRole('button').click();
  await details(page, 'GetProduct').waitFor();
});

onPage('statistics: by a tag, read from every span', `${large}?view=statistics`, async page => {
  const groups = table(page, 'Statistics by group');
  await groups.first().waitFor();
  await page.getByLabel('Group by').selectOption('tag');
  await page.getByLabel('Tag to group by').fill('row');
  await page.getByLabel('Tag to group by').press('Enter');
  await page.getByText('9,901 groups').waitFor();
  await until('those without', async () => /^without/.test(await groups.first().textContent()));
  assert.equal(param(page, 'group'), 'tag:row');
  assert.ok((await groups.count()) < 120, 'rows near the window alone');
});

onPage('flamegraph: keys walk it, a click zooms, and the path leads to its span', `${checkout}?view=flamegraph`, async page => {
  const flames = page.locator('[data-node]');
  await flames.first().waitFor();
  assert.equal(await flames.count(), 8);
  await flames.first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^catalog: GetProduct 22\.5ms, 12\.2%/);
  await page.keyboard.press('Enter');
  const facts = page.getByRole('region', { name: 'The chosen path' });
  assert.match(await facts.textContent(), /catalog: GetProduct3 spanswork 22\.5ms/);
  await until('its callers and itself', async () => (await flames.count()) === 3);
  await accessible(page);
  await page.reload();
  await until('the same after a reload', async () => (await flames.count()) === 3);
  await facts.getByRole('button', { name: 'Show its first span' }).click();
  await details(page, 'GetProduct').waitFor();
});

onPage('flamegraph: 400 beside each other are 16 paths', `${fanOut}?view=flamegraph`, async page => {
  const flames = page.locator('[data-node]');
  await flames.first().waitFor();
  assert.equal(await flames.count(), 18);
  await page.getByLabel('Mark').fill('shard 3');
  await until('one mark', async () => (await page.locator('[class*=marked]').count()) === 1);
});

onPage('spans: sorted, filtered, and each opens in the timeline', `${large}?view=spans`, async page => {
  const spans = table(page, 'Spans');
  await spans.first().waitFor();
  await page.getByRole('button', { name: 'Duration' }).click();
  await until('the longest first', async () => /ImportCatalog/.test(await spans.first().textContent()));
  await page.getByLabel('Filter').fill('importbatch');
  await page.getByText('99 of 10,000 spans').waitFor();
  await page.getByLabel('Service').selectOption('orders-db');
  await page.getByRole('heading', { name: 'No span fits the filter' }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Show all spans' }).click();
  await page.getByText('10,000 spans').waitFor();
  await page.locator('main').evaluate(main => main.scrollTo(0, main.scrollHeight));
  await until('the last row', async () => (await spans.last().getAttribute('aria-rowindex')) === '10001');
  await spans.last().getByRole('button').click();
  await details(page, 'INSERT product').waitFor();
});

onPage('logs: every event in the order of time', `${retries}?view=logs`, async page => {
  const events = table(page, 'Events in the order of time');
  await events.first().waitFor();
  assert.equal(await events.count(), 5);
  assert.match(await events.last().textContent(), /storefront.*502 Bad Gateway/);
  await page.getByLabel('Filter').fill('gave up');
  await until('one event', async () => (await events.count()) === 1);
  await events.getByRole('button').click();
  const event = page.getByRole('complementary', { name: 'The chosen event' });
  await event.getByText('gave up after 3 attempts').waitFor();
  await accessible(page);
  await page.reload();
  await event.waitFor();
  await event.getByRole('button', { name: 'Show its span' }).click();
  await details(page, 'PlaceOrder').waitFor();
});

onPage('logs: a trace without any says what they are', `${checkout}?view=logs`, async page => {
  await page.getByRole('heading', { name: 'No span of this trace has events' }).waitFor();
});

onPage('graph: paths, coloured by where the time went', `${retries}?view=graph`, async page => {
  const charge = page.locator('[data-box]').filter({ hasText: 'Charge' });
  await charge.waitFor();
  await page.getByText('×3').waitFor();
  await page.getByLabel('Colour by').selectOption('critical');
  await until('its part', async () => /3s 88%/.test(await charge.textContent()));
  await charge.click();
  await page.getByRole('region', { name: 'The chosen path' }).getByText('3 errors').waitFor();
  await accessible(page);
  assert.deepEqual([param(page, 'colour'), param(page, 'path')], ['critical', '2']);
});

for (const view of ['statistics', 'flamegraph', 'spans', 'logs', 'graph']) {
  onPage(`${view}: dark, and in a narrow window`, `${retries}?view=${view}`, async page => {
    await page.getByText('Loading').waitFor({ state: 'detached' });
    await page.getByRole('region', { name: view === 'spans' ? 'Spans' : view[0].toUpperCase() + view.slice(1) }).waitFor();
    await fitsItsWidth(page);
    await accessible(page);
  }, { colorScheme: 'dark', viewport: { width: 900, height: 700 } });
}
