// Nothing is stored yet.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { accessible, onPage, until } from '../browser.mjs';

onPage('it shows how to send a span, and opens the first trace', '/', async page => {
  await page.getByRole('heading', { name: 'No traces yet' }).waitFor();
  await page.getByText('0 spans received so far, 0 spans refused').waitFor();
  const ways = await page.locator('pre').allTextContents();
  assert.equal(ways.length, 3);
  await page.getByText('make demo').waitFor();
  await accessible(page);
  // The first way is a command: whoever pastes it sees their span.
  await promisify(execFile)('sh', ['-c', ways[0].replace('curl ', 'curl --silent --show-error --fail ')]);
  await until('the trace', () => new URL(page.url()).pathname.startsWith('/trace/'));
  await page.getByRole('heading', { name: /hello first span/ }).waitFor();
});
