// What a person does at the desk, said once for all tests.
import { expect, skip, until } from './harness.mjs';

/** A sign-in of the demonstration that holds all these roles, or the one given by environment. */
export function personFor(about, ...logins) {
  const given = process.env.VONGLAU_LOGIN;
  if (given) return { login: given, password: process.env.VONGLAU_PASSWORD ?? '' };
  const found = logins.map((l) => about.sign_ins?.find((s) => s.login === l)).find(Boolean);
  return found ?? skip(`no sign-in ${logins.join(' or ')} in this centre`);
}

export async function choose(page, { theme = 'dark', language = 'vi' } = {}) {
  await page.addInitScript(
    ([t, l]) => {
      localStorage.setItem('vonglau.theme', JSON.stringify(t));
      localStorage.setItem('vonglau.language', JSON.stringify(l));
    },
    [theme, language],
  );
}

export async function signIn(page, url, person, path = '/') {
  await page.goto(url + path);
  await page.fill('input[autocomplete=username]', person.login);
  await page.fill('input[autocomplete=current-password]', person.password);
  await page.press('input[autocomplete=current-password]', 'Enter');
  await page.waitForSelector('nav[aria-label] a.on, [role=alert], h1:has-text("mật khẩu")');
  expect(!(await page.$('form [role=alert]')), `sign-in of ${person.login} was refused`);
  return page;
}
export const online = (page) => page.waitForSelector('header .state.online', { timeout: 30_000 });

/** Goes there by the application itself, as a click on a link does. */
export async function go(page, path) {
  await page.evaluate((to) => {
    const link = document.createElement('a');
    link.href = to;
    document.body.append(link);
    link.click();
    link.remove();
  }, path);
}
export async function mapDrawn(page) {
  if (await page.$('.canvas')) await page.waitForSelector('.canvas[data-drawn]', { timeout: 60_000 });
}

/** Types a report by keyboard alone and opens an incident from it; gives its number and address. */
export async function openIncident(page, { place = 'da mai', category = 'chay', words = 'Khói đen bốc lên từ mái nhà' } = {}) {
  await go(page, '/reports?new=1');
  await page.waitForSelector('input[role=combobox][maxlength="300"]');
  await page.waitForFunction(() => document.activeElement?.getAttribute('maxlength') === '300');
  await page.keyboard.type(place);
  await page.waitForSelector('.box [role=option]');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type(category);
  await page.keyboard.press('Tab');
  await page.fill('textarea', words);
  await page.fill('input[inputmode=tel]', '0912000406');
  await page.keyboard.press('Control+Enter');
  await page.waitForURL(/\/incidents\/[0-9a-f-]{36}/);
  await page.waitForSelector('.incident header h2');
  const number = Number(/#(\d+)/.exec(await page.textContent('.incident header h2'))[1]);
  return { number, path: new URL(page.url()).pathname };
}

/** The person's own calls, with the page's session. */
export function call(page, method, path, body) {
  return page.evaluate(
    async ([m, p, b]) => {
      const session = await (await fetch('/api/v1/session')).json();
      const answer = await fetch(`/api/v1${p}`, {
        method: m,
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf_token, 'Idempotency-Key': crypto.randomUUID() },
        ...(b === undefined ? {} : { body: JSON.stringify(b) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text ? JSON.parse(text) : undefined };
    },
    [method, path, body],
  );
}

export async function newReport(page, fields = {}) {
  const { status, body } = await call(page, 'POST', '/reports', {
    channel: 'phone', service: 'police', category: 'theft', severity: 'routine', lat: 21.2849, lon: 106.21542,
    narrative: 'Mất xe máy trước cửa hàng', ...fields,
  });
  expect(status === 200 || status === 201, `report was answered ${status} ${JSON.stringify(body)}`);
  return body;
}

export const seen = (page, selector, what, within_ms) =>
  until(() => page.$(selector).then(Boolean), what ?? selector, within_ms);

export async function axe(page, source, what) {
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return result.violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.failureSummary?.split('\n').slice(1, 2).join(' ')}`).join('; ')}`);
  });
  return found.map((f) => `${what}: ${f}`);
}
