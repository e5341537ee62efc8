// Pictures: live from the recorder, played back, and the registry.
import { call, go, online, personFor, signIn } from './desk.mjs';
import { equal, expect, say, skip, test, until } from './harness.mjs';

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

export function register({ url, about, control }) {
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

  test('a page that was loaded before a recorder joined plays its pictures, once nothing is typed', async ({ open }) => {
    const page = await open({ refuses: true });
    await signIn(page, url, engineer());
    await online(page);
    const camera = await withPicture(page);
    await page.fill('header input[role=combobox]', 'chợ');
    // As it was when the centre knew no recorder: gone when the page is loaded again.
    await page.evaluate(() => {
      window.first_page = true;
      const policy = document.createElement('meta');
      policy.httpEquiv = 'Content-Security-Policy';
      policy.content = "connect-src 'self'";
      document.head.append(policy);
    });
    await go(page, `/cameras/${camera.id}`);
    await page.waitForSelector('.toast:has-text("máy ghi hình mới")');
    expect(await page.evaluate(() => window.first_page), 'it is not loaded again under what is typed');
    await page.fill('header input[role=combobox]', '');
    await until(() => page.evaluate(() => !window.first_page).catch(() => false), 'it is loaded again by itself');
    await until(async () => (await frames(page).catch(() => 0)) > 5, 'frames of the live picture');
    equal(new URL(page.url()).pathname, `/cameras/${camera.id}`, 'the same place');
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

  test('playback by keys: steps both ways, speeds, pictures under the pointer', async ({ open }) => {
    const page = await signIn(await open(), url, engineer());
    await online(page);
    const camera = await withPicture(page);
    await go(page, `/cameras/${camera.id}`);
    await until(() => page.$('.track .recorded').then(Boolean), 'a recorded stretch on the bar', 60_000);
    await page.waitForTimeout(14_000);
    await page.keyboard.press('ArrowLeft');
    await page.waitForSelector('.picture figcaption.timed time');
    await until(async () => (await frames(page)) > 3, 'frames of the playback');
    const now = () => page.$eval('.picture video', (v) => ({ at: v.currentTime, paused: v.paused, rate: v.playbackRate }));
    await page.keyboard.press('.');
    await until(async () => (await now()).paused, 'a step stops the picture');
    await page.waitForTimeout(500);
    const stopped = (await now()).at;
    await page.keyboard.press('.');
    await until(async () => (await now()).at > stopped, 'a picture on');
    const first = (await now()).at;
    await page.keyboard.press('.');
    const on = await until(async () => (await now()).at > first, 'one picture on').then(now);
    expect(on.at - first < 0.25, `one picture on is ${on.at - first} s`);
    await page.keyboard.press(',');
    await until(async () => Math.abs((await now()).at - first) < 0.01, 'back to the picture it was');
    // Back past what is loaded: the recorder sends it from an earlier key picture on.
    const shown = () => page.$eval('figcaption time', (e) => e.getAttribute('datetime'));
    const before = await shown();
    for (let i = 0; i < 45; i += 1) {
      const was = await now();
      await page.keyboard.press(',');
      await until(async () => (await now()).at !== was.at, `step ${i} back`, 10_000);
    }
    await until(async () => (await shown()) < before, 'an earlier moment');
    await page.keyboard.press('Space');
    for (const rate of [2, 4, 8, 16]) {
      await page.keyboard.press(']');
      await until(async () => (await now()).rate === rate, `${rate} times the speed`);
    }
    for (const rate of [8, 4, 2, 1, 0.5, 0.25]) {
      await page.keyboard.press('[');
      await until(async () => (await now()).rate === rate, `${rate} times the speed`);
    }
    const seen = await frames(page);
    await until(async () => (await frames(page)) > seen, 'it still plays');
    const box = await (await page.$('.track .recorded')).boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForSelector('.tip video');
    await until(() => page.$eval('.tip video', (v) => v.videoWidth > 0 && v.readyState >= 2), 'a picture under the pointer');
    await page.keyboard.press('-');
    await page.keyboard.press('+');
  });

  test('several cameras play back on one clock, and one in a gap says why and joins again', async ({ open }) => {
    if (!control) skip('needs the simulated cameras of a demonstration');
    const page = await signIn(await open(), url, engineer());
    await online(page);
    await withPicture(page);
    let cameras = [];
    await until(async () => {
      cameras = (await call(page, 'GET', '/cameras')).body.cameras.filter((c) => c.state === 'online' && /^CAM-/.test(c.code));
      return cameras.length >= 3;
    }, 'three cameras that are online', 120_000);
    const [failing, ...others] = cameras.slice(0, 3);
    await page.waitForTimeout(8000);
    const down_us = Date.now() * 1000;
    expect((await control(`fault ${failing.code} refuse`)).includes('ok'), 'the camera goes away');
    await page.waitForTimeout(9000);
    expect((await control(`clear ${failing.code}`)).includes('ok'), 'the camera comes back');
    await until(async () => (await call(page, 'GET', '/cameras')).body.cameras.find((c) => c.id === failing.id).state === 'online', 'it is online', 60_000);
    await page.waitForTimeout(12_000);
    await go(page, `/playback?cameras=${cameras.slice(0, 3).map((c) => c.id).join(',')}&at_us=${down_us - 6_000_000}`);
    const times = () => page.$$eval('.together .player', (all) => Object.fromEntries(all.map((p) => [p.querySelector('video').dataset.camera, {
      at: Date.parse(p.querySelector('figcaption time')?.getAttribute('datetime')), frames: p.querySelector('video').getVideoPlaybackQuality().totalVideoFrames,
      note: p.querySelector('.note')?.textContent ?? '',
    }])));
    await until(async () => Object.values(await times()).filter((p) => p.frames > 5).length === 3, 'three pictures that play');
    const note = await until(async () => (await times())[failing.code].note.includes('Không có hình'), 'the gap with its cause').then(async () => (await times())[failing.code].note);
    expect(note.length > 'Không có hình: '.length, `a cause: ${note}`);
    const then = await times();
    for (const c of others) expect(then[c.code].note === '', `${c.code} plays on: ${then[c.code].note}`);
    const frozen = then[failing.code].frames;
    await until(async () => {
      const p = (await times())[failing.code];
      return p.note === '' && p.frames > frozen;
    }, 'it joins again');
    // Paused, all show the same moment, to a picture's length.
    await page.keyboard.press('Space');
    let apart;
    await until(async () => {
      const at = Object.values(await times()).map((p) => p.at);
      apart = Math.max(...at) - Math.min(...at);
      return apart <= 150;
    }, 'all at the same moment');
    say(`paused, three pictures are ${apart} ms apart at most`);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Space');
    const seen = (await times())[others[0].code].frames;
    await until(async () => (await times())[others[0].code].frames > seen, 'it plays on after a seek');
  });

  test('a wall of small live pictures; one enlarged takes the main stream', async ({ open }) => {
    const page = await signIn(await open(), url, engineer());
    await online(page);
    await withPicture(page);
    const opened = [];
    page.on('websocket', (s) => opened.push(s.url()));
    await go(page, '/wall');
    const sizes = () => page.$$eval('.wall video', (all) => all.map((v) => v.videoWidth));
    await until(async () => (await sizes()).some((w) => w > 0), 'a picture', 120_000);
    expect(opened.filter((u) => u.includes('/media/live')).every((u) => u.includes('quality=tile')), 'tiles ask for tiles');
    const small = Math.max(...(await sizes()));
    await page.$$eval('.wall .tiles > button', (all) => all.find((b) => b.querySelector('video').videoWidth > 0).click());
    await page.waitForSelector('[data-large] video');
    await until(async () => (await sizes())[0] > small, 'a larger picture');
    await page.keyboard.press('Escape');
    await until(async () => (await page.$$('.wall .tiles > button')).length >= 2, 'all tiles again');
    await page.keyboard.press('-');
    await until(async () => (await page.$$('.wall .tiles > button')).length <= 4, 'a smaller layout');
    await page.keyboard.press('+');
  });

  test('an address for a player: live and of a stretch, copied, and dead once it is ended', async ({ open }) => {
    const page = await signIn(await open({ permissions: ['clipboard-read', 'clipboard-write'] }), url, engineer());
    await online(page);
    const camera = await withPicture(page);
    await go(page, `/cameras/${camera.id}`);
    await until(() => page.$('.track .recorded').then(Boolean), 'a recorded stretch on the bar', 60_000);
    /** As a player has it: nothing but the address. */
    const fetched = (address) =>
      page.evaluate(async (a) => {
        const answer = await fetch(a, { credentials: 'omit' });
        return { status: answer.status, text: await answer.text() };
      }, address);
    const make = async (before) => {
      await page.keyboard.press('Control+Enter');
      let made;
      await until(async () => {
        made = await page.$eval('dialog input[name=url]', (e) => e.value).catch(() => before);
        return made !== before;
      }, 'an address');
      return made;
    };
    await page.keyboard.press('v');
    await page.waitForSelector('dialog select[name=hours]');
    await page.selectOption('dialog select[name=hours]', '4');
    const live = await make();
    expect(live.startsWith('https://') && live.endsWith('/index.m3u8'), live);
    let playlist;
    await until(async () => {
      playlist = await fetched(live);
      return playlist.status === 200;
    }, 'a live playlist', 60_000);
    expect(playlist.text.startsWith('#EXTM3U') && !playlist.text.includes('#EXT-X-ENDLIST'), 'it goes on');
    const segment = playlist.text.split('\n').findLast((line) => line.endsWith('.m4s'));
    equal((await fetched(new URL(segment, live).href)).status, 200, 'its last segment');
    await page.click('dialog button:has-text("Sao chép")');
    await page.waitForSelector('dialog button:has-text("Đã sao chép")');
    equal(await page.evaluate(() => navigator.clipboard.readText()), live, 'what was copied');
    const row = 'dialog li:has(button:has-text("Hủy"))';
    await page.waitForSelector(row);
    const [given] = (await call(page, 'GET', `/cameras/${camera.id}/player-addresses`)).body.addresses;
    expect(Math.abs(given.expires_us - given.given_us - 4 * 3_600_000_000) < 60e6, 'good for four hours');
    await page.click(`${row} button`);
    await until(() => page.$(row).then((e) => !e), 'no address is left');
    await until(async () => (await fetched(live)).status === 403, 'the recorder heard of it', 30_000);
    await page.keyboard.press('Escape');
    await until(() => page.$('dialog').then((e) => !e), 'the dialog is closed');

    // Of a stretch that is chosen on the bar; its ends are where the pointer clicks.
    await page.keyboard.press('j');
    await page.waitForSelector('.picture figcaption.timed time');
    await until(async () => (await frames(page)) > 3, 'frames of the playback', 45_000);
    await page.keyboard.press('i');
    const shown = () => page.$eval('.picture figcaption time', (e) => Date.parse(e.getAttribute('datetime')));
    const begin = await shown();
    await until(async () => (await shown()) > begin + 3000, 'three seconds on', 45_000);
    await page.keyboard.press('o');
    await page.keyboard.press('v');
    await page.waitForSelector('dialog label.on:has-text("Đoạn đã chọn")');
    const span = await make();
    const list = await fetched(span);
    equal(list.status, 200, list.text);
    expect(list.text.includes('#EXT-X-ENDLIST'), 'it is whole');
    const seconds = [...list.text.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, m) => sum + Number(m[1]), 0);
    expect(seconds > 2.5 && seconds < 40, `${seconds} s with what lies before the first picture`);
    await page.click('dialog li button:has-text("Hủy")');
    await until(() => page.$('dialog li').then((e) => !e), 'no address is left');
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
