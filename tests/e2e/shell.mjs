// Sign-in, languages, themes, keys, the connection.
import { call, go, newReport, online, personFor, seen, signIn } from './desk.mjs';
import { equal, expect, skip, test, until } from './harness.mjs';

export function register({ url, about }) {
  const officer = () => personFor(about, 'truc-ban');

  test('a wrong password is refused in words and the right one enters', async ({ open }) => {
    const page = await open();
    await page.goto(url);
    await page.fill('input[autocomplete=username]', officer().login);
    await page.fill('input[autocomplete=current-password]', 'not this one');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]:has-text("không đúng")');
    await signIn(page, url, officer());
    await online(page);
    equal(await page.textContent('header h1'), 'Tình hình', 'first screen');
  });

  test('the demonstration says that it is one and lets a person in by one click', async ({ open }) => {
    if (!about.demonstration) skip('not a demonstration');
    const page = await open();
    await page.goto(url);
    await page.click(`section button:has-text("${about.sign_ins[0].login}")`);
    await online(page);
    expect(await page.$('header .tag.accent'), 'no mark of the demonstration in the top bar');
  });

  test('an address opened before sign-in is the screen after it', async ({ open }) => {
    const page = await open();
    await signIn(page, url, officer(), '/incidents?state=closed');
    await page.waitForSelector('a[aria-current=page]:has-text("Đã đóng")');
  });

  test('language and theme change at once and are remembered', async ({ open }) => {
    const page = await signIn(await open(), url, officer());
    await online(page);
    await page.click('header .menu button');
    await page.click('.sheet label:has-text("English")');
    equal(await page.textContent('header h1'), 'Situation', 'title in English');
    await page.click('.sheet label:has-text("Light")');
    equal(await page.getAttribute('html', 'data-theme'), 'light', 'theme');
    await page.reload();
    await page.waitForSelector('header h1:has-text("Situation")');
    equal(await page.getAttribute('html', 'lang'), 'en', 'language of the page');
  });

  test('keys lead to every screen and the question mark lists them', async ({ open }) => {
    const page = await signIn(await open(), url, officer());
    await online(page);
    for (const [key, title] of [['n', 'Tiếp nhận'], ['v', 'Vụ việc'], ['l', 'Lực lượng'], ['c', 'Camera'], ['t', 'Tình hình']]) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.waitForSelector(`header h1:has-text("${title}")`);
    }
    await page.keyboard.press('?');
    await page.waitForSelector('dialog dd:has-text("Tìm kiếm")');
    await page.keyboard.press('Escape');
    await until(async () => !(await page.$('dialog')), 'the help closes');
    await page.keyboard.press('/');
    await page.keyboard.type('bac giang');
    // Cameras of that name come first; the place is reached by the arrow keys.
    await page.waitForSelector('.find [role=option]:not(:has(small:has-text("Camera")))');
    await until(async () => {
      if (await page.$('.find [aria-selected=true]:not(:has(small:has-text("Camera")))')) return true;
      await page.keyboard.press('ArrowDown');
      return false;
    }, 'the arrow keys reach the place');
    await page.keyboard.press('Enter');
    await until(() => page.url().includes('at='), 'the search leads to the place on the map');
  });

  test('a lost connection is said, and what was missed comes when it is back', async ({ open }) => {
    const page = await signIn(await open(), url, officer());
    await online(page);
    await go(page, '/reports');
    await page.waitForSelector('.reports');
    const other = await signIn(await open(), url, officer());
    await page.context().setOffline(true);
    await page.waitForSelector('.offline[role=alert]', { timeout: 60_000 });
    const report = await newReport(other, { severity: 'serious', category: 'violence' });
    await page.context().setOffline(false);
    await seen(page, `[data-report="${report.number}"]`, 'the missed report', 45_000);
    await online(page);
    expect(!(await page.$('.offline')), 'the banner is gone');
  });

  test('an ended session asks to sign in again and returns to the same screen', async ({ open }) => {
    const page = await signIn(await open(), url, officer(), '/units');
    await page.waitForSelector('[role=grid]');
    await page.context().clearCookies();
    await go(page, '/incidents?state=closed');
    await page.waitForSelector('.note:has-text("Phiên làm việc đã hết")');
    await page.fill('input[autocomplete=username]', officer().login);
    await page.fill('input[autocomplete=current-password]', officer().password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('a[aria-current=page]:has-text("Đã đóng")');
  });

  test('a person without a right does not see the screen, and is told why on its address', async ({ open }) => {
    const taker = personFor(about, 'tiep-nhan');
    const page = await signIn(await open(), url, taker);
    await online(page);
    expect(!(await page.$('nav a[href="/administration/people"]')), 'no way to administration');
    await go(page, '/administration/journal');
    await page.waitForSelector('[role=alert]:has-text("không có quyền")');
    equal((await call(page, 'GET', '/people')).status, 403, 'the core refuses as well');
  });
}
