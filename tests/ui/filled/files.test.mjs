// Traces go out into files and come back from them, OpenTelemetry's files too.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { accessible, fitsItsWidth, onPage, settings, until } from '../browser.mjs';
import { id } from '../spans.mjs';

const rows = page => page.locator('[data-row]');

/** Puts a file with this text into the page. */
async function open(page, name, text) {
  await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
}

/** A trace of one span as OTLP, which no server has seen. */
function otlp(traceId, name) {
  const span = { traceId, spanId: id(8), name, kind: 2, startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000250000000' };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'laptop' } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] };
}

onPage('what was found is saved, and opened without a server that knows it', '/search?service=payment', async page => {
  await page.getByRole('button', { name: 'Save' }).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save' }).click()]);
  const saved = JSON.parse(await readFile(await download.path(), 'utf8'));
  assert.equal(saved.data.length, 2);
  // Under another id it is a trace that is in no store.
  const before = settings.stories['retries with errors'];
  const after = id(16);
  await page.getByRole('link', { name: 'Open traces of a file' }).click();
  await open(page, 'saved.json', JSON.stringify(saved).replaceAll(before, after));
  const file = page.getByRole('region', { name: 'saved.json' });
  await until('both traces', async () => (await file.getByRole('link').count()) === 2);
  await accessible(page);
  await file.locator(`a[href$="${after}"]`).click();
  await until('its spans', async () => (await rows(page).count()) === 5);
  assert.equal(await page.getByRole('link', { name: 'JSON', exact: true }).count(), 0, 'no server has it');
  assert.equal(await page.getByRole('button', { name: 'Archive' }).count(), 0);
  await page.getByRole('link', { name: 'Logs' }).click();
  await page.getByText('gave up after 3 attempts').waitFor();
});

onPage('a file of OpenTelemetry is opened, one object or one a line', '/upload', async page => {
  const [one, two, three] = [id(16), id(16), id(16)];
  await open(page, 'one.json', JSON.stringify(otlp(one, 'boot')));
  const link = (file, trace) => page.getByRole('region', { name: file }).locator(`a[href$="${trace}"]`);
  await link('one.json', one).waitFor();
  await open(page, 'lines.jsonl', `${JSON.stringify(otlp(two, 'load'))}\n${JSON.stringify(otlp(three, 'run'))}\n`);
  await link('lines.jsonl', two).waitFor();
  await link('lines.jsonl', three).click();
  await page.getByRole('heading', { name: 'laptop run' }).waitFor();
  await page.goBack();
  await link('one.json', one).waitFor();
});

onPage('two traces of files are compared', '/upload', async page => {
  const [one, two] = [id(16), id(16)];
  await open(page, 'both.jsonl', `${JSON.stringify(otlp(one, 'boot'))}\n${JSON.stringify(otlp(two, 'boot'))}`);
  await page.getByRole('region', { name: 'both.jsonl' }).getByRole('link').nth(1).waitFor();
  await page.getByRole('link', { name: 'Compare' }).click();
  await page.getByLabel('Trace A').fill(one);
  await page.getByLabel('Trace B').fill(two);
  await page.getByLabel('Trace B').press('Enter');
  await page.getByRole('heading', { name: 'B takes as long as A' }).waitFor();
});

onPage('a file that holds no traces says what to choose', '/upload', async page => {
  for (const [name, text, words] of [
    ['photo.json', '\u0000\u0001 not json', /no JSON.*choose traces/],
    ['empty.json', '{"data":[]}', /no traces in this file/],
    ['odd.json', '{"data":[{"spans":[{"spanID":"<img src=x onerror=alert(1)>"}]}]}', /no spans in this file/],
  ]) {
    await open(page, name, text);
    assert.match(await page.getByRole('region', { name }).getByRole('alert').textContent(), words);
  }
  await accessible(page);
  await fitsItsWidth(page);
}, { colorScheme: 'dark', viewport: { width: 900, height: 700 } });
