// Searching: the form, what it finds, what it says when it finds nothing, and that its URL is all of it.
import assert from 'node:assert/strict';
import { accessible, fitsItsWidth, onPage, settings, until } from '../browser.mjs';

const rows = page => page.getByRole('region', { name: 'Found traces' }).getByRole('listitem').filter({ has: page.locator('input') });

onPage('the newest traces of all services are there at once', '/search', async page => {
  await rows(page).first().waitFor();
  assert.ok((await rows(page).count()) >= 5, 'the five stories');
  await until('a dot each', async () => (await page.locator('svg circle').count()) === (await rows(page).count()));
  const services = await page.getByRole('combobox', { name: /^Service/ }).locator('option').allTextContents();
  assert.ok(services.includes('All services') && services.includes('checkout'), `${services}`);
  await accessible(page);
});

onPage('a search goes into the URL and comes back from it', '/search', async page => {
  await page.getByRole('combobox', { name: /^Service/ }).selectOption('checkout');
  const operation = page.getByLabel(/^Operation/);
  await until('operations', () => page.locator('datalist option').count());
  const known = await page.locator('datalist option').evaluateAll(options => options.map(option => option.value));
  assert.ok(known.includes('PlaceOrder'), `${known}`);
  await operation.fill('PlaceOrder');
  await page.getByLabel('Tags').fill('error=true');
  await page.getByLabel('Min span').fill('100ms');
  await page.getByLabel('Limit').fill('7');
  await page.getByRole('button', { name: 'Find traces' }).click();
  await until('one trace', async () => (await rows(page).count()) === 1);
  const asked = new URL(page.url()).searchParams;
  assert.deepEqual(
    ['service', 'operation', 'tags', 'minDuration', 'limit', 'lookback'].map(name => asked.get(name)),
    ['checkout', 'PlaceOrder', '{"error":"true"}', '100ms', '7', '1h'],
  );
  await page.reload();
  await until('one trace again', async () => (await rows(page).count()) === 1);
  assert.equal(await page.getByLabel('Tags').inputValue(), 'error=true');
  assert.equal(await page.getByRole('combobox', { name: /^Service/ }).inputValue(), 'checkout');
  await page.goBack();
  await until('what was there before', async () => (await rows(page).count()) >= 5);
});

onPage('links of the original page are understood', '/search?service=checkout&lookback=3h&maxDuration&minDuration&limit=20', async page => {
  await until('its traces', async () => (await rows(page).count()) >= 3);
  assert.equal(await page.getByLabel(/^Time/).inputValue(), '3h');
});

onPage('what cannot be searched for is said beside its field', '/search', async page => {
  await page.getByLabel('Tags').fill('error');
  await page.getByLabel('Min span').fill('5');
  await page.getByRole('button', { name: 'Find traces' }).click();
  const words = await page.getByRole('alert').allTextContents();
  assert.ok(words.some(text => text.includes('error=value')) && words.some(text => text.includes('100ms')), `${words}`);
  assert.equal(new URL(page.url()).search, '');
});

onPage('nothing found says what to try', '/search?service=checkout&tags=%7B%22no%22%3A%22where%22%7D', async page => {
  await page.getByRole('heading', { name: 'No traces found' }).waitFor();
  await accessible(page);
});

onPage('a search that stopped at its limit says so', '/search?limit=2', async page => {
  await page.getByText('The newest 2; there are more').waitFor();
  assert.equal(await rows(page).count(), 2);
});

onPage('the order is part of the URL', '/search?sort=longest', async page => {
  await rows(page).first().waitFor();
  const longest = page.getByRole('region', { name: 'Found traces' }).locator('ol').locator('a[href*="/trace/"]').first();
  const first = await longest.getAttribute('href');
  await page.getByRole('combobox', { name: /^Order/ }).selectOption('shortest');
  await until('another first', async () => (await longest.getAttribute('href')) !== first);
  assert.equal(new URL(page.url()).searchParams.get('sort'), 'shortest');
});

onPage('two are chosen to be compared', '/search', async page => {
  const boxes = page.getByRole('checkbox');
  await boxes.first().waitFor();
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  const compare = page.getByRole('link', { name: 'Compare the two' });
  assert.match(await compare.getAttribute('href'), /\/trace\/[0-9a-f]+\.\.\.[0-9a-f]+\?cohort=/);
});

onPage('a dot opens its trace, and so does an id', '/search?service=checkout', async page => {
  await page.locator('svg circle').first().click();
  await page.getByRole('treegrid').waitFor();
  const id = settings.stories['a slow query'];
  await page.getByLabel('Trace ID').fill(` ${id.toUpperCase()} `);
  await page.getByLabel('Trace ID').press('Enter');
  await until('that trace', () => page.url().endsWith(`/trace/${id}`));
});

onPage('traces are listed by their ids', `/search?traceID=${settings.stories['a slow query']}&traceID=77`, async page => {
  await until('the one that is there', async () => (await rows(page).count()) === 1);
  await page.getByText('trace not found').waitFor();
});

onPage('a time of its own, in UTC', '/search', async page => {
  await page.getByRole('button', { name: /Times/ }).click();
  await page.getByText('(UTC)').waitFor();
  await page.getByLabel(/^Time/).selectOption('custom');
  await page.getByRole('textbox', { name: 'From' }).fill('2020-01-01T00:00:00');
  await page.getByRole('textbox', { name: 'To', exact: true }).fill('2020-01-01T01:00:00');
  await page.getByRole('button', { name: 'Find traces' }).click();
  await page.getByRole('heading', { name: 'No traces found' }).waitFor();
  const asked = new URL(page.url()).searchParams;
  assert.deepEqual([asked.get('start'), asked.get('end')], ['1577836800000000', '1577840400000000']);
}, { timezoneId: 'America/New_York' });

onPage('a store that is away is said, with what to do', '/search?service=checkout', async page => {
  await rows(page).first().waitFor();
  await page.route('**/api/v3/trace-summaries*', route => route.fulfill({ status: 503, body: '{"error":{"message":"the store is away"}}' }));
  await page.getByRole('button', { name: 'Find traces' }).click();
  await page.getByText('the store is away', { exact: true }).waitFor();
  await page.unroute('**/api/v3/trace-summaries*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await rows(page).first().waitFor();
}, { expected: [503] });

onPage('dark, and in a narrow window', '/search', async page => {
  await rows(page).first().waitFor();
  await fitsItsWidth(page);
  await accessible(page);
}, { colorScheme: 'dark', viewport: { width: 900, height: 700 } });

onPage('the foot counts what came', '/search', async page => {
  const foot = page.getByRole('contentinfo');
  await foot.waitFor();
  assert.match(await foot.textContent(), /received [\d,]+stored [\d,]+/);
});
