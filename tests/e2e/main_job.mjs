// The main job: from a report to an outcome, by two people on two machines.
import { readFileSync } from 'node:fs';
import { call, go, newReport, online, openIncident, personFor, seen, signIn } from './desk.mjs';
import { equal, expect, say, skip, test, until } from './harness.mjs';

// Aimed at is one second, and the time is printed; what a busy machine must keep is this.
const other_screen_ms = 30_000;

export function register({ url, about }) {
  const taker = () => personFor(about, 'tiep-nhan', 'truc-ban');
  const dispatcher = () => personFor(about, 'dieu-phoi', 'truc-ban');
  const officer = () => personFor(about, 'truc-ban');

  test('a report becomes an incident by keyboard alone', async ({ open }) => {
    const page = await signIn(await open(), url, taker());
    await online(page);
    const begun = Date.now();
    await openIncident(page);
    const took = (Date.now() - begun) / 1000;
    say(`from an empty form to the open incident: ${took.toFixed(1)} s`);
    // Aimed at are 20 s of a person's typing; a machine that types has to stay well within a minute.
    expect(took < 60, `it took ${took} s`);
    await page.waitForSelector('.narrative:has-text("Khói đen")');
  });

  test('from a report to an outcome, two people seeing each other at once', async ({ open }) => {
    const a = await signIn(await open(), url, taker());
    const b = await signIn(await open(), url, dispatcher());
    await online(a);
    await online(b);
    const { number, path } = await openIncident(a, { place: 'vo cuong', category: 'tai nan', words: 'Hai xe máy va chạm' });
    await seen(b, `.incident small:has-text("#${number} ")`, 'the incident on the other screen', other_screen_ms);
    await go(b, path);
    await b.waitForSelector('.incident .columns');

    // The nearest unit, by its key; the taker sees it without touching anything.
    await b.keyboard.press('a');
    await seen(a, '[data-unit]', 'the unit on the other screen', other_screen_ms);
    const call_sign = await a.getAttribute('[data-unit]', 'data-unit');
    // Its simulated crew may be quicker with a step than the dispatcher.
    for (const [n, step] of ['Đã nhận lệnh', 'Đang đến', 'Tại hiện trường'].entries()) {
      const reached = (page) => page.evaluate(
        ([sign, i]) => [...document.querySelectorAll(`[data-unit="${sign}"] .steps li`)].findIndex((l) => l.classList.contains('now')) >= i,
        [call_sign, n + 1],
      );
      await until(async () => {
        if (await reached(b)) return true;
        if (await b.$('button[aria-keyshortcuts=M]:not([disabled])')) await b.keyboard.press('m');
        await b.waitForTimeout(300);
        return reached(b);
      }, `${step} at the dispatcher's`);
      await until(() => reached(a), `${step} on the other screen`, other_screen_ms);
    }
    const took = [];

    await a.keyboard.press('t');
    await a.keyboard.type('Đã gọi lại người báo');
    const note = seen(b, 'li p:has-text("Đã gọi lại người báo")', 'the note on the other screen', other_screen_ms);
    await a.keyboard.press('Control+Enter');
    took.push(await note);

    const file = Buffer.from('biên bản hiện trường '.repeat(4000));
    await a.setInputFiles('input[type=file]', { name: 'biên bản.txt', mimeType: 'text/plain', buffer: file });
    await seen(b, 'a.get[download="biên bản.txt"]', 'the attachment on the other screen', other_screen_ms);
    const download = b.waitForEvent('download');
    await b.click('a.get[download="biên bản.txt"]');
    expect(readFileSync(await (await download).path()).equals(file), 'the attachment comes back byte for byte');

    await b.keyboard.press('k');
    await b.waitForSelector('dialog');
    await b.fill('dialog textarea', 'Đã đưa người bị thương đi cấp cứu');
    const outcome = seen(a, 'header .tag.ok:has-text("Đã giải quyết")', 'the outcome on the other screen', other_screen_ms);
    await b.keyboard.press('Control+Enter');
    took.push(await outcome);
    await a.waitForSelector('.narrative:has-text("cấp cứu")');

    const told = await a.$$eval('ol[aria-label="Diễn biến"] li .grow', (list) => list.map((l) => l.textContent.trim()));
    for (const words of ['Nhận tin', 'Mở vụ việc', `Điều ${call_sign}`, `${call_sign}: Tại hiện trường`, 'Ghi chú', 'Đính kèm', 'Đóng vụ việc: Đã giải quyết']) {
      expect(told.some((line) => line.includes(words)), `the timeline does not say "${words}"`);
    }
    // As it was when the unit had been sent: not yet on scene, and open.
    await a.click(`ol[aria-label="Diễn biến"] button:has-text("Điều ${call_sign}")`);
    await a.waitForSelector('.banner:has-text("Đang xem lại")');
    await a.waitForSelector('header .tag:has-text("Đang mở")');
    await a.waitForSelector(`[data-unit="${call_sign}"] .now:has-text("Đã điều")`);
    await a.keyboard.press('Escape');
    await a.waitForSelector('header .tag.ok:has-text("Đã giải quyết")');

    await b.click('button:has-text("Mở lại")');
    await b.fill('dialog textarea', 'Người bị thương thứ hai vừa được tìm thấy');
    const reopened = seen(a, 'header .tag:has-text("Đang mở")', 'reopened on the other screen', other_screen_ms);
    await b.keyboard.press('Control+Enter');
    took.push(await reopened);
    say(`from the key pressed in one browser to its effect in the other: note ${took[0]}, outcome ${took[1]}, reopening ${took[2]} ms`);
  });

  test('of two who claim one report exactly one wins and the other is told who', async ({ open }) => {
    const a = await signIn(await open(), url, taker());
    const b = await signIn(await open(), url, officer());
    if (taker().login === officer().login) skip('needs two people');
    await online(a);
    await online(b);
    const report = await newReport(a, { category: 'public_disorder' });
    for (const page of [a, b]) {
      await go(page, `/reports/${report.id}`);
      await page.waitForSelector('button[aria-keyshortcuts="Ctrl Enter"]');
    }
    await Promise.all([a.keyboard.press('Control+Enter'), b.keyboard.press('Control+Enter')]);
    const won = async (page) => Boolean(await page.$('footer button[aria-keyshortcuts=F2]'));
    await until(async () => (await won(a)) || (await won(b)), 'one of them has it');
    const loser = (await won(a)) ? b : a;
    await loser.waitForSelector('.head .tag:has-text("nhận"), .toast:has-text("đã nhận tin này trước")');
    expect((await won(a)) !== (await won(b)), 'exactly one has it');
    equal((await call(a, 'GET', `/reports/${report.id}`)).body.state, 'claimed', 'state at the core');
    expect(!(await loser.$('.said')), 'the other reads nothing personal');
  });

  test('a second report of the same thing is offered as a duplicate and merged', async ({ open }) => {
    const page = await signIn(await open(), url, officer());
    await online(page);
    const { number, path } = await openIncident(page, { place: 'tan yen', category: 'chay' });
    const incident = (await call(page, 'GET', path)).body;
    const report = await newReport(page, { service: 'fire', category: 'fire', severity: 'critical', lat: incident.lat + 0.001, lon: incident.lon, narrative: 'Thấy khói' });
    await go(page, `/reports/${report.id}`);
    await page.waitForSelector('button[aria-keyshortcuts="Ctrl Enter"]');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector(`li:has-text("#${number}") button[aria-keyshortcuts="Ctrl G"]`);
    await page.keyboard.press('Control+G');
    await page.waitForURL(new RegExp(path));
    await page.waitForSelector(`article:has-text("#${report.number}")`);
    equal((await call(page, 'GET', `/reports/${report.id}`)).body.closure, 'duplicate', 'closure');
  });

  test('a false report is put away by one key', async ({ open }) => {
    const page = await signIn(await open(), url, officer());
    await online(page);
    const report = await newReport(page, { category: 'other' });
    await go(page, `/reports/${report.id}`);
    await page.waitForSelector('button[aria-keyshortcuts="Ctrl Enter"]');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.said');
    await page.keyboard.press('F2');
    await page.waitForSelector('.toast:has-text("tin giả")');
    equal((await call(page, 'GET', `/reports/${report.id}`)).body.closure, 'false_report', 'closure');
  });

  test('the situation is shown as of five minutes ago, and clearly so', async ({ open }) => {
    const page = await signIn(await open(), url, officer());
    await online(page);
    const { number } = await openIncident(page, { place: 'luc nam', category: 'ngap' });
    await go(page, '/');
    await page.waitForSelector(`.incident small:has-text("#${number} ")`);
    await page.keyboard.press('r');
    await page.waitForSelector('.banner:has-text("Đang xem lại")');
    await until(async () => !(await page.$(`.incident small:has-text("#${number} ")`)), 'what was opened since is not in the past');
    expect(page.url().includes('as_of='), 'the moment is in the address');
    await page.keyboard.press('Escape');
    await page.waitForSelector(`.incident small:has-text("#${number} ")`);
    expect(!(await page.$('.banner')), 'live again');
  });

  test('tables go by keyboard and come out as CSV', async ({ open }) => {
    const page = await signIn(await open(), url, officer(), '/units');
    await page.waitForSelector('[role=grid] .line');
    await page.focus('[role=grid]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/units\/[0-9a-f-]{36}/);
    const download = page.waitForEvent('download');
    await page.click('button:has-text("CSV")');
    const text = readFileSync(await (await download).path(), 'utf8');
    expect(text.startsWith('\ufeffHô hiệu,'), `CSV begins ${JSON.stringify(text.slice(0, 20))}`);
    expect(text.trim().split('\r\n').length > 2, 'rows in the CSV');
  });
}
