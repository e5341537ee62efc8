// Pictures: live from the recorder, played back, and the registry.
import { call, go, online, personFor, signIn } from './desk.mjs';
import { equal, expect, skip, test, until } from './harness.mjs';

const frames = (page) =>
  page.evaluate(() => document.querySelector('.picture video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0);

/** A camera with a picture. Only a centre without a recorder may have none. */
async function withPicture(page) {
  const { processes } = (await call(page, 'GET', '/processes')).body;
  const { nodes } = (await call(page, 'GET', '/nodes')).body;
  if (!processes.some((p) => /^record/.test(p.name)) && !nodes.some((n) => n.kind === 'recorder')) {
    skip('this centre has no recorder');
  }
  let found;
  await until(async () => {
    found = (await call(page, 'GET', '/cameras')).body.cameras.find((c) => c.state === 'online');
    return found;
  }, 'a camera that is online', 60_000);
  return found;
}

export function register({ url, about }) {
  const engineer = () => personFor(about, 'ky-thuat');

  test('a live picture moves', async ({ open }) => {
    const page = await signIn(await open(), url, engineer());
    await online(page);
    const camera = await withPicture(page);
    await go(page, `/cameras/${camera.id}`);
    await page.waitForSelector('.picture video');
    await until(async () => (await frames(page)) > 5, 'frames of the live picture', 45_000);
    const before = await frames(page);
    await until(async () => (await frames(page)) > before, 'more frames', 45_000);
  });

  test('what was recorded a moment ago plays back from the time bar', async ({ open }) => {
    const page = await signIn(await open(), url, engineer());
    await online(page);
    const camera = await withPicture(page);
    await go(page, `/cameras/${camera.id}`);
    await until(() => page.$('.track .recorded').then(Boolean), 'a recorded stretch on the bar', 60_000);
    await page.waitForTimeout(12_000);
    await page.keyboard.press('j');
    await page.waitForSelector('button:has-text("Về trực tiếp")');
    await until(async () => (await frames(page)) > 3, 'frames of the playback', 45_000);
    await page.keyboard.press('l');
    await page.waitForSelector('.controls .tag:has-text("TRỰC TIẾP")');
  });

  test('a camera is added, changed, disabled and enabled', async ({ open }) => {
    const page = await signIn(await open(), url, engineer());
    await online(page);
    await go(page, '/cameras');
    await page.waitForSelector('[role=grid]');
    await page.keyboard.press('n');
    await page.waitForSelector('dialog');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('dialog .error:has-text("Cần điền")');
    const code = `T-${Date.now() % 1_000_000}`;
    const [code_box, name_box] = await page.$$('dialog .grid > .field input');
    await code_box.fill(code);
    await name_box.fill('Cổng chợ thử nghiệm');
    await page.fill('dialog input[placeholder="rtsp://10.20.1.77/main"]', 'rtsp://ten:mat@127.0.0.1/main');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('dialog .error:has-text("không kèm tên")');
    await page.fill('dialog input[placeholder="rtsp://10.20.1.77/main"]', 'rtsp://127.0.0.1:9/main');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector(`h2:has-text("${code}")`);
    await page.keyboard.press('e');
    await page.waitForSelector('dialog');
    await (await page.$$('dialog .grid > .field input'))[1].fill('Cổng chợ, phía Bắc');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('h2:has-text("phía Bắc")');
    await page.click('.head button:has-text("Tắt camera")');
    await page.click('dialog button:has-text("Tắt camera")');
    await page.waitForSelector('.head button:has-text("Bật lại")');
    const saved = (await call(page, 'GET', '/cameras')).body.cameras.find((c) => c.code === code);
    equal(saved.state, 'disabled', 'state at the core');
    equal(saved.main_url_set, true, 'the address is kept');
    expect(!JSON.stringify(saved).includes('rtsp://'), 'the address is not given back');
    await page.click('.head button:has-text("Bật lại")');
    await page.waitForSelector('.head button:has-text("Tắt camera")');
    await page.click('.head button:has-text("Tắt camera")');
    await page.click('dialog button:has-text("Tắt camera")');
  });
}
