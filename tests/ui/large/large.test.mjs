// A trace of fifty thousand spans: it opens, scrolls and is found in. The times are printed, and judged by `make bench`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { onPage, settings, until } from '../browser.mjs';
import { id, minutesAgo } from '../spans.mjs';

const SPANS = 50_000;
const AT_ONCE = 5_000;
const SCROLLED = 20_000;
const ROW = 26;
const rows = page => page.locator('[data-row]');

onPage('fifty thousand spans are drawn, scrolled through and searched', '/search', async page => {
  const trace = id(16);
  await sendLarge(trace);
  const url = `${settings.base}/api/traces/${trace}`;
  // The server's share: its whole answer, read by nobody who makes anything of it.
  const before = cpuMs();
  const began = performance.now();
  const bytes = (await (await fetch(url, { headers: { 'accept-encoding': 'gzip' } })).arrayBuffer()).byteLength;
  print('its answer, whole', performance.now() - began, 500, `${Math.round(bytes / 1e6)} MB`);
  if (before !== undefined) print("of it the server's CPU", cpuMs() - before, 500);

  const opened = performance.now();
  await page.goto(`${settings.base}/trace/${trace}`, { waitUntil: 'commit' });
  await page.waitForFunction(() => document.querySelectorAll('[data-row]').length >= 30, undefined, { timeout: 60_000, polling: 20 });
  print('navigation to 30 rows', performance.now() - opened, 3000);
  await page.getByText('50,000').first().waitFor();

  const longest = await page.evaluate(
    async ({ pixels }) => {
      const tasks = [];
      const took = entries => tasks.push(...entries.map(entry => entry.duration));
      const observer = new PerformanceObserver(list => took(list.getEntries()));
      observer.observe({ type: 'longtask' });
      const main = document.querySelector('main');
      for (let top = 0; top < pixels; top += 2_000) {
        main.scrollTop = top;
        await new Promise(requestAnimationFrame);
      }
      took(observer.takeRecords());
      return Math.max(0, ...tasks);
    },
    { pixels: SCROLLED * ROW },
  );
  print(`longest task while ${SCROLLED} rows scroll by (0: under 50)`, longest, 50);
  await until('rows near where it stopped', async () => {
    const shown = await rows(page).evaluateAll(rows => rows.map(row => Number(row.dataset.row)));
    return Math.max(...shown) > SCROLLED - 200;
  });

  const asked = performance.now();
  await page.getByRole('searchbox').fill('row=49999');
  await page.getByText('1 found').waitFor({ timeout: 60_000 });
  print('a find through all tags', performance.now() - asked);
  await page.getByLabel('hide others').check();
  await until('that span and the way to it', async () => (await rows(page).count()) < 10);
}, { expected: [] });

/** In batches, each of the ten services' own. */
async function sendLarge(trace) {
  const began = minutesAgo(10);
  const ids = Array.from({ length: SPANS }, () => id(8));
  const text = value => ({ stringValue: String(value) });
  for (let first = 0; first < SPANS; first += AT_ONCE) {
    const services = Array.from({ length: 10 }, (_, service) => ({
      resource: { attributes: [{ key: 'service.name', value: text(`service-${service}`) }, { key: 'host.name', value: text(`host-${service}`) }] },
      scopeSpans: [{ spans: [] }],
    }));
    for (let row = first; row < first + AT_ONCE; row++) {
      // Each span has up to ten children, so that the tree is as deep as those of real systems.
      const parent = row === 0 ? undefined : ids[Math.floor((row - 1) / 10)];
      const depth = Math.ceil(Math.log10(row * 9 + 10));
      const start = began + row * 100;
      services[row % 10].scopeSpans[0].spans.push({
        traceId: trace,
        spanId: ids[row],
        parentSpanId: parent,
        name: `GET /api/v1/resource-${row % 100}`,
        kind: 2 + (row % 2),
        startTimeUnixNano: `${start}000`,
        endTimeUnixNano: `${start + Math.ceil(10_000_000 / 10 ** depth)}000`,
        attributes: Object.entries({
          row,
          'http.method': 'GET',
          'http.url': `http://service-${row % 10}/api/v1/resource/${row}?page=${row % 7}`,
          'http.status_code': 200,
          'db.statement': `SELECT * FROM orders WHERE customer = ${row} AND state = 'open' ORDER BY created LIMIT 50`,
          'request.id': ids[row] + ids[(row * 7) % SPANS],
          'peer.ipv4': `10.0.${row % 250}.${row % 200}`,
          component: 'net/http',
        }).map(([key, value]) => ({ key, value: text(value) })),
        status: row % 500 === 1 ? { code: 2 } : {},
      });
    }
    const answer = await fetch(`http://${settings.otlp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: services }),
    });
    assert.equal(answer.status, 200, await answer.text());
  }
}

function print(what, ms, goal, note = '') {
  const verdict = goal === undefined ? '' : `goal <= ${goal} ms: ${ms <= goal ? 'GOAL MET' : 'MISSED'}`;
  console.log(`FIGURE page, 50,000 spans: ${what}: ${Math.round(ms)} ms ${note} ${verdict}`);
}

/** What the server's process has used so far; undefined where that is not told. */
function cpuMs() {
  if (!settings.pid) return undefined;
  const fields = readFileSync(`/proc/${settings.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
