// Two traces laid over each other: by duration, by structure, as rows and as a graph.
import assert from 'node:assert/strict';
import { accessible, fitsItsWidth, onPage, settings, until } from '../browser.mjs';

const a = settings.stories['a normal checkout'];
const b = settings.stories['retries with errors'];
const both = `/trace/${a}...${b}`;
const param = (page, name) => new URL(page.url()).searchParams.get(name);
const paths = page => page.getByRole('table', { name: 'Paths of both traces' }).locator('tbody tr:not([aria-hidden])');
const ready = page => paths(page).first().waitFor();

onPage('it says which takes longer, and why', both, async page => {
  await page.getByRole('heading', { name: 'B takes 3.23s longer than A, 19 times as long' }).waitFor();
  const causes = await page.getByRole('region', { name: 'What differs' }).getByRole('listitem').allTextContents();
  assert.match(causes[0], /^\+2\.92s.*payment.*Charge.*3 spans instead of 1, 3 failed instead of 0/);
  assert.equal(await paths(page).count(), 8);
  assert.match(await paths(page).filter({ hasText: 'Charge' }).textContent(), /slower13.*76ms3s\+2\.92s/);
  assert.match(await paths(page).filter({ hasText: 'GetCart' }).textContent(), /only in A/);
  await accessible(page);
});

onPage('by structure, only what differs, and the URL keeps it', both, async page => {
  await ready(page);
  await page.getByRole('button', { name: 'Structure' }).click();
  await page.getByText('6 paths of 8 differ').waitFor();
  assert.match(await paths(page).filter({ hasText: 'Charge' }).textContent(), /more/);
  await page.getByLabel('only what differs').check();
  assert.deepEqual([param(page, 'by'), param(page, 'changed')], ['structure', '1']);
  await page.reload();
  await page.getByText('6 paths of 8 differ').waitFor();
});

onPage('as a graph, a path tells what both traces have', both, async page => {
  await ready(page);
  await page.getByRole('button', { name: 'Graph' }).click();
  const charge = page.locator('[data-box]').filter({ hasText: 'Charge' });
  await charge.focus();
  await page.keyboard.press('Enter');
  const facts = page.getByRole('region', { name: 'The chosen path' });
  assert.match(await facts.textContent(), /payment: ChargeA: 1 span, 76ms.*B: 3 spans, 3s/);
  await accessible(page);
  const link = page.url();
  await page.goto('about:blank');
  await page.goto(link);
  await facts.getByRole('link', { name: '3s' }).click();
  await page.getByRole('region', { name: 'Details of Charge' }).waitFor();
});

onPage('the same trace twice does not differ', `/trace/${a}...${a}?changed=1`, async page => {
  await page.getByRole('heading', { name: 'B takes as long as A' }).waitFor();
  await page.getByRole('heading', { name: 'The two traces are the same by duration' }).waitFor();
  await page.getByRole('button', { name: 'Show all paths' }).click();
  await until('all paths', async () => (await paths(page).count()) === 8);
});

onPage('the two are exchanged, and others are chosen', `/trace/${a}...${b}?cohort=${a}&cohort=${b}`, async page => {
  await ready(page);
  await page.getByRole('button', { name: 'Exchange A and B' }).click();
  await page.getByRole('heading', { name: 'B takes 3.23s less than A, 19 times faster' }).waitFor();
  assert.equal(new URL(page.url()).pathname.endsWith(`/trace/${b}...${a}`), true);
  const compare = page.getByRole('button', { name: 'Compare', exact: true });
  assert.equal(await compare.isDisabled(), true);
  await page.getByLabel('Trace A').fill(settings.stories['a slow query']);
  await compare.click();
  await page.getByRole('link', { name: 'storefront: HTTP GET /orders' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'B takes 3.23s less than A' }).waitFor();
});

onPage('with nothing chosen it says how to choose', '/trace/...', async page => {
  await page.getByRole('heading', { name: 'Choose two traces to compare' }).waitFor();
  await accessible(page);
  await page.getByLabel('Trace A').fill(a);
  await page.getByLabel('Trace A').press('Enter');
  await page.getByRole('heading', { name: 'Choose the other trace to compare' }).waitFor();
  await page.getByLabel('Trace B').fill('no id');
  assert.equal(await page.getByLabel('Trace B').getAttribute('aria-invalid'), 'true');
});

onPage('a trace that is not there is named', `/trace/${a}...77`, async page => {
  await page.getByRole('heading', { name: 'No trace B' }).waitFor();
  await page.getByRole('link', { name: 'storefront: HTTP POST /checkout' }).waitFor();
  await accessible(page);
}, { expected: [404] });

onPage('ten thousand spans are compared', `/trace/${settings.stories['an import of 10,000 spans']}...${a}`, async page => {
  await ready(page);
  assert.match(await paths(page).filter({ hasText: 'INSERT product' }).textContent(), /only in A9,900/);
});

onPage('dark, and in a narrow window', both, async page => {
  await ready(page);
  await fitsItsWidth(page);
  await accessible(page);
}, { colorScheme: 'dark', viewport: { width: 900, height: 700 } });
