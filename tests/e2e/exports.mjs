// Footage as evidence, the whole way: chosen on the time bar, asked for, approved by another person,
// made, fetched, and found valid by the program that anybody may run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { program } from './centre.mjs';
import { call, go, online, personFor, signIn } from './desk.mjs';
import { equal, expect, launch, skip, test, until } from './harness.mjs';

/** Exit status and words of the checker. */
export function check(folder, key) {
  const checker = join(dirname(program() ?? ''), 'vonglau-verify');
  const [path, ...before] = existsSync(checker) ? [checker] : [program(), 'verify'];
  if (!path) skip('no vonglau-verify beside the program');
  try {
    const said = execFileSync(path, [...before, folder, '--key', key, '--json'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    return { status: 0, report: JSON.parse(said) };
  } catch (reason) {
    if (!reason.stdout) throw reason;
    return { status: reason.status, report: JSON.parse(reason.stdout) };
  }
}

/** What is to be covered in a copy: one region by keys, one by the pointer. */
async function drawMasks(asker) {
  await asker.check('dialog input[name=masking]');
  await asker.waitForSelector('dialog .stage');
  await asker.click('dialog button:has-text("Thêm vùng che")');
  await asker.waitForSelector('dialog .mask:focus');
  for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowUp', 'Shift+ArrowRight', 'Shift+ArrowDown']) await asker.keyboard.press(key);
  await asker.waitForSelector('dialog .mask[aria-label="Vùng che 1: trái 38 %, trên 39 %, rộng 21 %, cao 21 %"]');
  await asker.locator('dialog .stage').scrollIntoViewIfNeeded();
  const stage = await asker.locator('dialog .stage').boundingBox();
  const at = (x, y) => [stage.x + stage.width * x, stage.y + stage.height * y];
  await asker.mouse.move(...at(0.1, 0.1));
  await asker.mouse.down();
  await asker.mouse.move(...at(0.3, 0.25), { steps: 4 });
  await asker.mouse.up();
  await asker.waitForSelector('dialog .mask[aria-label^="Vùng che 2: trái 10 %, trên 10 %"]');
  if (process.env.VONGLAU_E2E_PICTURES) await asker.screenshot({ path: `${process.env.VONGLAU_E2E_PICTURES}/masks.png` });
}

export function register({ url, about }) {
  test('footage goes from the time bar to a court that checks it itself', async ({ open, browser }) => {
    const asker = await signIn(await open(), url, personFor(about, 'dieu-phoi'));
    await online(asker);
    let camera;
    await until(async () => (camera = (await call(asker, 'GET', '/cameras')).body.cameras.find((c) => c.state === 'online')), 'a camera online', 60_000);
    await go(asker, `/cameras/${camera.id}`);
    await until(() => asker.$('.track .recorded').then(Boolean), 'a recorded stretch', 60_000);
    await asker.waitForTimeout(20_000);

    // A span by its two ends, a bookmark and a request from there.
    await asker.keyboard.press('j');
    await asker.waitForSelector('button:has-text("Về trực tiếp")');
    await asker.keyboard.press('j');
    await asker.keyboard.press('i');
    await asker.keyboard.press('k');
    await asker.keyboard.press('o');
    const number = `VA-${Date.now() % 1_000_000_000}`;
    await asker.keyboard.press('b');
    await asker.waitForSelector('dialog');
    await asker.fill('dialog input[name=case_number]', number);
    await asker.fill('dialog textarea[name=note]', 'xe tải màu xanh');
    await asker.keyboard.press('Control+Enter');
    await asker.waitForSelector('dialog', { state: 'detached' });
    await asker.keyboard.press('x');
    await asker.waitForSelector('dialog textarea[name=reason]');
    await asker.waitForSelector(`dialog option:has-text("${number}")`, { state: 'attached' });
    const option = await asker.$eval(`dialog option:has-text("${number}")`, (o) => o.value);
    await asker.selectOption('dialog select', option);
    await asker.keyboard.press('Control+Enter');
    await asker.waitForSelector('dialog .error:has-text("Cần điền")');
    await asker.fill('dialog textarea[name=reason]', 'Va chạm tại ngã tư, theo công văn 117');
    await asker.keyboard.press('Control+Enter');
    await asker.waitForURL(/\/exports\/[0-9a-f-]{36}/);
    const id = /exports\/([0-9a-f-]{36})/.exec(asker.url())[1];
    await asker.waitForSelector('.head :text("Chờ duyệt")');
    await asker.waitForSelector('dd:has-text("Hình gốc đang được giữ")');
    expect(!(await asker.$('button:has-text("Duyệt")')), 'who asked may not approve');
    const refused = await call(asker, 'POST', `/exports/${id}/approve`, {});
    expect(refused.status === 403, `a dispatcher approves: ${refused.status}`);

    // Another person.
    const officer = await signIn(await open(), url, personFor(about, 'truc-ban'));
    await online(officer);
    await go(officer, '/exports');
    await officer.click(`[role=grid] a:has-text("${number}"), [role=row]:has-text("${number}")`);
    await officer.waitForSelector('dd:has-text("công văn 117")');
    await officer.keyboard.press('a');
    // The asker's screen follows by itself.
    await asker.waitForSelector('.head :text("Sẵn sàng")', { timeout: 90_000 });
    const [download] = await Promise.all([asker.waitForEvent('download'), asker.keyboard.press('d')]);
    const here = mkdtempSync(join(tmpdir(), 'vonglau-export-'));
    try {
      const zip = join(here, 'export.zip');
      await download.saveAs(zip);
      expect(download.suggestedFilename().includes(number), download.suggestedFilename());
      execFileSync('unzip', ['-q', zip, '-d', here]);
      const folder = join(here, readdirSync(here).find((n) => n !== 'export.zip'));
      await asker.waitForSelector('dd:has-text("Đã tải 1 lần")');
      const { key } = (await call(asker, 'GET', '/exports/key')).body;

      const good = check(folder, key);
      equal(good.report.verdict, 'valid', JSON.stringify(good.report.findings));
      equal(good.status, 0, 'exit status');
      equal(good.report.case_number, number, 'case');
      equal(good.report.timestamp.state, 'none', 'no authority is configured');
      expect(good.report.fragments > 8, `${good.report.fragments} fragments`);
      expect(good.report.videos_made_again, 'the videos were not compared');

      // The page plays by itself, from the disk.
      const viewer = await (await launch('file:///')).newPage({ viewport: { width: 1366, height: 900 }, locale: 'vi-VN' });
      await viewer.goto(`file://${folder}/index.html`);
      await viewer.waitForFunction(() => document.querySelector('video')?.readyState >= 2);
      await viewer.evaluate(() => document.querySelector('video').play());
      await viewer.waitForFunction(() => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 10);
      expect((await viewer.textContent('h1')).includes(number), 'the page names its case');
      if (process.env.VONGLAU_E2E_PICTURES) await viewer.screenshot({ path: `${process.env.VONGLAU_E2E_PICTURES}/viewer.png`, fullPage: true });
      await viewer.context().browser().close();

      const footage = join(folder, 'footage');
      const stream = join(footage, readdirSync(footage)[0]);
      const file = join(stream, readdirSync(stream)[0]);
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1] ^= 1;
      writeFileSync(file, bytes);
      const bad = check(folder, key);
      equal(bad.status, 2, 'exit status of an altered export');
      expect(bad.report.findings[0].sequence > 0, 'the fragment is named');
    } finally {
      rmSync(here, { recursive: true, force: true });
    }

    // The case file has it all.
    await go(officer, '/cases');
    await officer.click(`[role=row]:has-text("${number}")`);
    await officer.waitForSelector('li:has-text("xe tải màu xanh")');
    await officer.waitForSelector('li :text("Sẵn sàng")');
    await officer.keyboard.press('Escape');
    await officer.waitForSelector('tr:has-text("Hình sự")');
  });

  test('a request is refused with a reason that who asked can read', async ({ open }) => {
    const asker = await signIn(await open(), url, personFor(about, 'dieu-phoi'));
    await online(asker);
    const camera = (await call(asker, 'GET', '/cameras')).body.cameras[0];
    const number = `TN-${Date.now() % 1_000_000_000}`;
    await go(asker, '/exports');
    await asker.keyboard.press('n');
    await asker.waitForSelector('dialog input[name=case_number]');
    await asker.fill('dialog input[name=case_number]', number);
    await asker.check(`dialog li:has-text("${camera.code}") input`);
    await asker.fill('dialog textarea[name=reason]', 'Xem lại cho biết');
    await drawMasks(asker);
    await asker.keyboard.press('Control+Enter');
    await asker.waitForURL(/\/exports\/[0-9a-f-]{36}/);
    const officer = await signIn(await open(), url, personFor(about, 'truc-ban'));
    await online(officer);
    await go(officer, new URL(asker.url()).pathname);
    await officer.waitForSelector('.head button:has-text("Từ chối")');
    await officer.keyboard.press('r');
    await officer.fill('dialog textarea', 'Không đủ căn cứ');
    await officer.keyboard.press('Control+Enter');
    await asker.waitForSelector('.head :text("Bị từ chối")');
    await asker.waitForSelector('dd:has-text("2 vùng")');
    await asker.waitForSelector('dd:has-text("Không đủ căn cứ")');
  });

  test('who decides about an export sees where its copy is painted over', async ({ open }) => {
    const asker = await signIn(await open(), url, personFor(about, 'dieu-phoi'));
    await online(asker);
    let camera;
    await until(async () => (camera = (await call(asker, 'GET', '/cameras')).body.cameras.find((c) => c.state === 'online')), 'a camera online', 60_000);
    const begun = Date.now() * 1000;
    await until(() => Date.now() * 1000 > begun + 8e6, 'eight seconds');
    const file = (await call(asker, 'POST', '/cases', { number: `CV-${Date.now() % 1_000_000_000}`, kind: 'other' })).body.id;
    const region = { camera_id: camera.id, from_us: begun, to_us: begun + 6e6, x: 100, y: 250, width: 300, height: 400 };
    const asked = await call(asker, 'POST', '/exports', {
      case_id: file, camera_ids: [camera.id], from_us: begun, to_us: begun + 6e6, purpose: 'internal_review', reason: 'bản che',
      masks: [region, { ...region, from_us: begun + 5e6, x: 700, width: 200 }],
    });
    equal(asked.status, 200, JSON.stringify(asked.body));
    const officer = await signIn(await open(), url, personFor(about, 'truc-ban'));
    await online(officer);
    await go(officer, `/exports/${asked.body.id}`);
    await officer.waitForSelector('dd:has-text("2 vùng")');
    // On a picture of the region's own time, in its place; the other one is of another time.
    await officer.waitForSelector('.stage video', { timeout: 60_000 });
    await officer.waitForFunction(() => document.querySelector('.stage video').videoWidth > 0);
    equal(await officer.$$eval('.stage .mask', (all) => all.map((m) => m.style.left).join()), '10%', 'regions on the picture');
    await officer.click('.masks li:nth-child(2) button');
    await officer.waitForFunction(() => [...document.querySelectorAll('.stage .mask')].map((m) => m.style.left).join() === '10%,70%');
    await officer.waitForSelector('.stage .mask.chosen:has-text("2")');
    equal(await officer.$$eval('.masks input, .masks [contenteditable]', (all) => all.length), 0, 'what can be changed');
    equal((await call(officer, 'POST', `/exports/${asked.body.id}/refuse`, { reason: 'chỉ để xem' })).status, 200, 'refused');
  });

  test('what was drawn is painted over in a copy beside the original', async ({ open }) => {
    if (!process.env.VONGLAU_LONG) skip('the painter has the lowest priority and may take minutes: VONGLAU_LONG=1');
    const asker = await signIn(await open(), url, personFor(about, 'dieu-phoi'));
    await online(asker);
    let camera;
    await until(async () => (camera = (await call(asker, 'GET', '/cameras')).body.cameras.find((c) => c.state === 'online')), 'a camera online', 60_000);
    const begun = Date.now() * 1000;
    await until(() => Date.now() * 1000 > begun + 8e6, 'eight seconds');
    const number = `BC-${Date.now() % 1_000_000_000}`;
    const file = (await call(asker, 'POST', '/cases', { number, kind: 'other' })).body.id;
    const mask = { camera_id: camera.id, from_us: begun, to_us: begun + 3e6, x: 100, y: 100, width: 300, height: 300 };
    const { id } = (await call(asker, 'POST', '/exports', {
      case_id: file, camera_ids: [camera.id], from_us: begun, to_us: begun + 4e6, purpose: 'internal_review', reason: 'bản che', masks: [mask],
    })).body;
    const officer = await signIn(await open(), url, personFor(about, 'truc-ban'));
    await online(officer);
    equal((await call(officer, 'POST', `/exports/${id}/approve`, {})).status, 200, 'approved');
    await until(async () => ['ready', 'failed'].includes((await call(asker, 'GET', `/exports/${id}`)).body.state), 'it is made', 600_000);
    await go(asker, `/exports/${id}`);
    await asker.waitForSelector('.head :text("Sẵn sàng")');
    const [download] = await Promise.all([asker.waitForEvent('download'), asker.keyboard.press('d')]);
    const here = mkdtempSync(join(tmpdir(), 'vonglau-masked-'));
    try {
      await download.saveAs(join(here, 'export.zip'));
      execFileSync('unzip', ['-q', join(here, 'export.zip'), '-d', here]);
      const folder = join(here, readdirSync(here).find((n) => n !== 'export.zip'));
      const { key } = (await call(asker, 'GET', '/exports/key')).body;
      const good = check(folder, key);
      equal(good.report.verdict, 'valid', JSON.stringify(good.report.findings));
      // The masked copy lies beside the original, which is as it was.
      equal(good.report.derived.length, 1, 'masked copies');
      const [copy] = good.report.derived;
      expect(/^video\//.test(copy.made_of) && copy.last_sequence > copy.first_sequence, JSON.stringify(copy));
      const masked = join(folder, copy.path);
      const painted = readFileSync(masked);
      painted[painted.length >> 1] ^= 1;
      writeFileSync(masked, painted);
      const bent = check(folder, key);
      equal(bent.status, 2, 'exit status with an altered masked copy');
      equal(bent.report.findings[0].path, copy.path, 'the copy is named');
      equal(bent.report.fragments, good.report.fragments, 'fragments as recorded');
      painted[painted.length >> 1] ^= 1;
      writeFileSync(masked, painted);
      equal(check(folder, key).report.verdict, 'valid', 'put back');
    } finally {
      rmSync(here, { recursive: true, force: true });
    }
  });
}
