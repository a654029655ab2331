// What the tests of the page share: Debian's Chromium, one new context a test, and what no page may do: log an error,
// ask another host, or be closed to a screen reader.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// Through CommonJS: NODE_PATH says where packages are, and modules do not look there.
const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** `base` (of the page), `otlp` (a collector's address), and what was sent. */
export const settings = JSON.parse(process.env.JAEGER_UI_TEST);

let chrome;
before(async () => {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  chrome = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
});
after(() => chrome.close());

/**
 * A test with a page of its own. `path` is opened first; `options` are those of Playwright's context. `expected` are
 * statuses of answers that the test is about, which the browser logs as errors.
 */
export function onPage(name, path, work, { expected = [], ...options } = {}) {
  test(name, { timeout: 90_000 }, async () => {
    const context = await chrome.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const wrong = [];
    page.on('pageerror', error => wrong.push(`error: ${error.message}`));
    page.on('console', message => {
      const known = expected.some(status => message.text().includes(`status of ${status}`));
      if (['error', 'warning'].includes(message.type()) && !known) wrong.push(`console: ${message.text()}`);
    });
    page.on('dialog', dialog => {
      wrong.push(`dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    const ours = new URL(settings.base).origin;
    page.on('request', request => {
      const url = new URL(request.url());
      if (url.origin !== ours && url.protocol !== 'blob:' && url.protocol !== 'data:') wrong.push(`asked ${url}`);
    });
    try {
      await page.goto(settings.base + path);
      await work(page, { context, wrong });
      assert.deepEqual(wrong, []);
    } catch (error) {
      const shot = `${process.env.JAEGER_UI_SHOTS ?? '/tmp'}/page-${name.replace(/\W+/g, '-').slice(0, 80)}.png`;
      await page.screenshot({ path: shot }).catch(() => {});
      error.message += `\nat ${page.url()}, seen in ${shot}`;
      throw error;
    } finally {
      await context.close();
    }
  });
}

/** Fails where a screen reader or a keyboard is shut out. */
export async function accessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const words = serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => node.html).slice(0, 3)}`);
  assert.deepEqual(words, []);
}

/** Fails where the page is wider than its window. */
export async function fitsItsWidth(page) {
  const [wide, window] = await page.evaluate(() => {
    const main = document.querySelector('main');
    return [Math.max(document.documentElement.scrollWidth, main.scrollWidth), innerWidth];
  });
  assert.ok(wide <= window, `the page is ${wide} wide in a window of ${window}`);
}

/** Waits for a condition of the page. */
export async function until(what, condition) {
  const end = Date.now() + 15_000;
  let last;
  do {
    last = await condition();
    if (last) return last;
    await new Promise(resolve => setTimeout(resolve, 50));
  } while (Date.now() < end);
  assert.fail(`waited for ${what}`);
}
