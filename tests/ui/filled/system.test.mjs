// Who calls whom: the graph, its focus and its table, over a range of time.
import assert from 'node:assert/strict';
import { accessible, fitsItsWidth, onPage, until } from '../browser.mjs';

const boxes = page => page.locator('[data-box]');
const box = (page, name) => boxes(page).filter({ hasText: name });
const param = (page, name) => new URL(page.url()).searchParams.get(name);
const cells = page => page.getByRole('table', { name: 'Calls between services' }).locator('tbody tr:not([aria-hidden])');

/** Links are counted when both sides are stored: asked for again until they are all there. */
async function counted(page) {
  await until('links', async () => {
    const busy = await page.getByText(/^(Loading|Laying out)/).count();
    if (!busy && (await box(page, 'payment').count()) > 0) return true;
    if (!busy) await page.getByRole('button', { name: 'Refresh' }).click();
    return false;
  });
}

onPage('services stand below those who call them, with calls and errors', '/dependencies?service=checkout', async page => {
  await counted(page);
  const height = async name => (await box(page, name).boundingBox()).y;
  assert.ok((await height('storefront')) < (await height('checkout')));
  assert.ok((await height('checkout')) < (await height('payment')));
  assert.match(await box(page, 'payment').textContent(), /payment 4 calls · 75% fail/);
  await page.getByText('4 · 75% fail').waitFor();
  await accessible(page);
});

onPage('keys walk the graph, and a focus shows what is around it', '/dependencies?service=storefront', async page => {
  await counted(page);
  await box(page, 'storefront').focus();
  await page.keyboard.press('ArrowDown');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^checkout/);
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: 'Service checkout' });
  await panel.waitFor();
  assert.match(await panel.textContent(), /payment4 75%/);
  await accessible(page);
  await panel.getByRole('button', { name: 'Focus' }).click();
  await until('the focus', () => param(page, 'service') === 'checkout');
  await page.getByLabel('Calls away').fill('1');
  await until('one call away', () => param(page, 'depth') === '1');
  await until('no other services', async () => (await boxes(page).count()) === 8);
  await page.reload();
  await until('the same after a reload', async () => (await boxes(page).count()) === 8);
  await panel.waitFor();
});

onPage('the graph is moved and zoomed', '/dependencies', async page => {
  await counted(page);
  const drawing = page.locator('svg > g').last();
  const place = () => drawing.getAttribute('transform');
  const first = await place();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  const zoomed = await place();
  assert.notEqual(zoomed, first);
  await box(page, 'payment').focus();
  await page.keyboard.press('0');
  await until('all of it', async () => (await place()) === first);
  const frame = await page.getByRole('group', { name: 'Calls between services' }).boundingBox();
  await page.mouse.move(frame.x + 20, frame.y + 20);
  await page.mouse.wheel(0, -300);
  await until('a zoom by the wheel', async () => (await place()) !== first);
  const wheeled = await place();
  await page.mouse.down();
  await page.mouse.move(frame.x + 80, frame.y + 60, { steps: 5 });
  await page.mouse.up();
  await until('a pan', async () => (await place()) !== wheeled);
  assert.equal(param(page, 'selected'), null, 'a drag chooses nothing');
});

onPage('the table has the same figures, sorted by the URL, and leads to traces', '/dependencies?view=table&sort=rate', async page => {
  await until('links', async () => {
    const busy = await page.getByText(/^Loading/).count();
    if (!busy && (await cells(page).filter({ hasText: 'payment' }).count()) > 0) return true;
    if (!busy) await page.getByRole('button', { name: 'Refresh' }).click();
    return false;
  });
  const all = await cells(page).allTextContents();
  const [most, less] = [/checkoutpayment4375%/, /storefrontcheckout3133\.3%/].map(link => all.findIndex(row => link.test(row)));
  assert.ok(most >= 0 && most < less, `${all}`);
  await page.getByRole('button', { name: 'Calls' }).click();
  await until('the most calls first', async () => /9,901/.test(await cells(page).first().textContent()));
  assert.equal(param(page, 'sort'), null);
  await accessible(page);
  await cells(page).filter({ hasText: 'payment' }).getByRole('link', { name: 'failed' }).click();
  await page.getByRole('heading', { name: '1 trace' }).waitFor();
});

onPage('a range without calls says what to do', '/dependencies?lookback=custom&start=1000000&end=2000000', async page => {
  await page.getByRole('heading', { name: 'No service called another' }).waitFor();
  assert.match(await page.getByLabel('From', { exact: true }).inputValue(), /^1970-01-01T/);
  await accessible(page);
  await page.getByRole('combobox', { name: /^Time/ }).selectOption('1w');
  await counted(page);
  assert.equal(new URL(page.url()).search, '');
});

onPage('a service that has no calls in the range offers the others', '/dependencies?service=nobody', async page => {
  await page.getByRole('heading', { name: 'Nobody calls nobody' }).waitFor();
  await page.getByRole('button', { name: 'Show all services' }).click();
  await counted(page);
});

onPage('without an answer it says so, and asks again', '/search', async (page, { context }) => {
  await page.route('**/api/dependencies*', route => route.fulfill({ status: 503, body: '{"errors":[{"code":503,"msg":"the store is away"}]}' }));
  await page.getByRole('link', { name: 'System' }).click();
  await page.getByText('the store is away', { exact: true }).waitFor();
  await accessible(page);
  await page.unroute('**/api/dependencies*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await counted(page);
  assert.equal(context.pages().length, 1);
}, { expected: [503] });

onPage('more services than can be drawn are offered by how busy they are', '/search', async page => {
  const many = Array.from({ length: 300 }, (_, at) => ({ parent: `s${at}`, child: `s${(at * 7 + 1) % 300}`, callCount: at + 1 }));
  await page.route('**/api/dependencies*', route => route.fulfill({ json: { data: many, errors: null } }));
  await page.getByRole('link', { name: 'System' }).click();
  await page.getByRole('heading', { name: '300 services are more than the 100' }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: /^s299/ }).click();
  await boxes(page).first().waitFor();
  assert.equal(param(page, 'service'), 's299');
  await page.goBack();
  await page.getByRole('button', { name: 'all calls as a table' }).click();
  await cells(page).first().waitFor();
  assert.ok((await cells(page).count()) < 120, 'rows near the window alone');
});

onPage('dark, and in a narrow window', '/dependencies?selected=checkout', async page => {
  await counted(page);
  await page.getByRole('complementary').waitFor();
  await fitsItsWidth(page);
  await accessible(page);
}, { colorScheme: 'dark', viewport: { width: 900, height: 700 } });
