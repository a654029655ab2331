// From the first look at the page to why the demo's checkout is slow: the clicks of docs/page.md.
import assert from 'node:assert/strict';
import { onPage, settings } from '../browser.mjs';

const slow = settings.stories['retries with errors'];
const good = settings.stories['a normal checkout'];
const found = (page, trace) => page.getByRole('listitem').filter({ has: page.locator(`a[href*="${trace}"]`) });
const event = page => page.getByRole('region', { name: 'Details of Charge' }).getByText('the card issuer did not answer within 1s').first();

onPage('the trace says why the slow checkout is slow', '/', async page => {
  await page.getByRole('combobox', { name: /^Order/ }).selectOption({ label: 'Longest first' });
  await found(page, slow).getByRole('link').first().click();
  const charges = page.locator('[data-row]').filter({ hasText: 'Charge' });
  await charges.nth(2).waitFor();
  assert.equal(await charges.count(), 3);
  await charges.first().getByRole('button').last().click();
  await event(page).waitFor();
});

onPage('so does its comparison with a good one', '/', async page => {
  await found(page, good).getByRole('checkbox').check();
  await found(page, slow).getByRole('checkbox').check();
  await page.getByRole('link', { name: 'Compare the two' }).click();
  await page.getByRole('heading', { name: /^B takes 3\.23s longer than A/ }).waitFor();
  const why = await page.getByRole('region', { name: 'What differs' }).getByRole('listitem').first().textContent();
  assert.match(why, /payment Charge 3 spans instead of 1, 3 failed instead of 0/);
  await page.getByRole('row').filter({ hasText: 'payment Charge' }).getByRole('link', { name: '3s' }).click();
  await event(page).waitFor();
});
