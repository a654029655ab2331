// One trace: rows, details, keys, find, zoom; and that what is shown is in the URL.
import assert from 'node:assert/strict';
import { accessible, fitsItsWidth, onPage, settings, until } from '../browser.mjs';

const { stories } = settings;
const checkout = `/trace/${stories['a normal checkout']}`;
const rows = page => page.locator('[data-row]');
const shown = async page => rows(page).evaluateAll(rows => rows.map(row => Number(row.dataset.row)).sort((a, b) => a - b));
const param = (page, name) => new URL(page.url()).searchParams.get(name);
const ready = page => rows(page).first().waitFor();

onPage('a trace is a tree of spans with its numbers above', checkout, async page => {
  await ready(page);
  assert.equal(await rows(page).count(), 10);
  const facts = await page.locator('header dl').textContent();
  for (const part of ['Services8', 'Depth4', 'Spans10', 'Errors0']) assert.ok(facts.includes(part), facts);
  assert.deepEqual(await rows(page).first().getAttribute('aria-level'), '1');
  assert.ok((await page.locator('[class*=critical]').count()) > 10, 'the critical path is drawn');
  await accessible(page);
});

onPage('details open, and a link opens them for others', checkout, async page => {
  await ready(page);
  await rows(page).filter({ hasText: 'payment' }).getByRole('button').last().click();
  const details = page.getByRole('region', { name: /^Details of/ });
  await details.waitFor();
  await details.getByText('span.kind').waitFor();
  await accessible(page);
  const link = page.url();
  await page.goto('about:blank');
  await page.goto(link);
  await details.waitFor();
  assert.equal(await rows(page).filter({ hasText: 'payment' }).getAttribute('class').then(text => /focused/.test(text)), true);
});

onPage('keys close and open levels', checkout, async page => {
  await ready(page);
  await page.keyboard.press(']');
  await until('the root alone', async () => (await rows(page).count()) === 1);
  assert.equal(param(page, 'collapse'), '0');
  await page.keyboard.press('o');
  await until('two levels', async () => (await rows(page).count()) === 2);
  await page.keyboard.press('[');
  await until('all', async () => (await rows(page).count()) === 10);
  await page.keyboard.press('p');
  await until('one level less', async () => (await rows(page).count()) === 9);
  await page.reload();
  await until('the same after a reload', async () => (await rows(page).count()) === 9);
  await page.getByRole('button', { name: 'Hide spans below' }).first().click();
  await until('one closed by hand', async () => (await rows(page).count()) === 1);
});

onPage('keys move, open, zoom and pan', checkout, async page => {
  await ready(page);
  await page.keyboard.press('f');
  await page.keyboard.press('f');
  await page.keyboard.press('Enter');
  const details = page.getByRole('region', { name: /^Details of/ });
  await details.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.closest('[data-row]')?.dataset.row), '1');
  // A button that has the focus keeps its keys.
  await details.getByRole('button', { name: 'Copy ID' }).press('Enter');
  await details.getByText(/Copied|Not copied/).first().waitFor();
  await page.locator('main').click({ position: { x: 5, y: 5 } });
  const second = param(page, 'span');
  await page.keyboard.press('b');
  await until('the span before', () => param(page, 'span') !== second);
  await page.keyboard.press('ArrowUp');
  await until('a zoom', () => param(page, 'from') && param(page, 'to'));
  const from = Number(param(page, 'from'));
  await page.keyboard.press('d');
  await until('later', () => Number(param(page, 'from')) > from);
  await page.keyboard.press('Shift+ArrowDown');
  await until('the whole', () => param(page, 'to') === null);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await accessible(page);
});

onPage('what is found is marked, or all else hidden', checkout, async page => {
  await ready(page);
  await page.keyboard.press('Control+b');
  await page.keyboard.type('catalog');
  await page.getByText('3 found').waitFor();
  assert.equal(await rows(page).count(), 10);
  await page.getByLabel('hide others').check();
  await until('the three with the way to them', async () => (await rows(page).count()) === 5);
  assert.deepEqual([param(page, 'uiFind'), param(page, 'find')], ['catalog', 'hide']);
  await page.reload();
  await until('the same after a reload', async () => (await rows(page).count()) === 5);
  await page.keyboard.press('Escape');
  await until('all again', async () => (await rows(page).count()) === 10);
});

onPage('tags are found too', `/trace/${stories['retries with errors']}?uiFind=http.status_code%3D502`, async page => {
  await page.getByText('1 found').waitFor();
});

onPage('one service alone', checkout, async page => {
  await ready(page);
  await page.getByRole('button', { name: /^orders-db/ }).first().click();
  await until('its span and the way to it', async () => (await rows(page).count()) === 4);
  assert.equal(param(page, 'only'), 'orders-db');
});

onPage('dragging over the minimap zooms', checkout, async page => {
  await ready(page);
  const map = await page.locator('canvas').boundingBox();
  await page.mouse.move(map.x + map.width * 0.25, map.y + 20);
  await page.mouse.down();
  await page.mouse.move(map.x + map.width * 0.5, map.y + 20, { steps: 4 });
  await page.mouse.up();
  await until('a zoom', () => param(page, 'from') && param(page, 'to'));
  await page.getByRole('button', { name: /show all/ }).click();
  await until('the whole', () => param(page, 'from') === null);
});

onPage('of ten thousand spans a few dozen are there, wherever one looks', `/trace/${stories['an import of 10,000 spans']}`, async page => {
  await ready(page);
  assert.ok((await rows(page).count()) < 120);
  await page.locator('main').evaluate(main => main.scrollTo(0, main.scrollHeight));
  await until('the last row', async () => (await shown(page)).at(-1) === 9999);
  assert.ok((await rows(page).count()) < 120);
});

onPage('each view opens', checkout, async page => {
  await ready(page);
  for (const [name, view] of Object.entries({ Statistics: 'statistics', Flamegraph: 'flamegraph', Spans: 'spans', Logs: 'logs', Graph: 'graph' })) {
    await page.getByRole('navigation', { name: 'Views of the trace' }).getByRole('link', { name, exact: true }).click();
    await until(view, () => param(page, 'view') === view);
    await page.getByText('Loading').waitFor({ state: 'detached' });
  }
});

onPage('a trace that is not here says why, and is looked for', '/trace/77', async page => {
  await page.getByRole('heading', { name: 'This trace is not here' }).waitFor();
  await page.getByText('looks again every three seconds').waitFor();
  await accessible(page);
}, { expected: [404] });

onPage('what is no id is refused in the server\'s words', '/trace/xyz', async page => {
  await page.getByRole('alert').waitFor();
}, { expected: [400] });

onPage('the archive keeps it', checkout, async page => {
  await page.getByRole('button', { name: 'Archive' }).click();
  await page.getByText('Archived').waitFor();
});

onPage('dark, and in a narrow window', `${checkout}?uiFind=catalog`, async page => {
  await page.getByText('3 found').waitFor();
  await fitsItsWidth(page);
  await accessible(page);
}, { colorScheme: 'dark', viewport: { width: 900, height: 700 } });

onPage('within another page it is the trace alone', `${checkout}?uiEmbed=v0&uiTimelineCollapseTitle=1&uiTimelineHideMinimap=1&uiTimelineHideSummary=1&uiTheme=dark`, async page => {
  await ready(page);
  assert.equal(await page.getByRole('banner').count() + await page.getByRole('contentinfo').count(), 0);
  assert.equal(await page.locator('canvas').count(), 0);
  assert.equal(await page.getByRole('heading', { level: 1 }).count(), 0);
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
});

onPage('spans of a real client are all there', `/trace/${settings.client[0].traceID}`, async page => {
  await ready(page);
  const sent = settings.client.filter(span => span.traceID === settings.client[0].traceID);
  await until('each span', async () => (await rows(page).count()) === sent.length);
});
