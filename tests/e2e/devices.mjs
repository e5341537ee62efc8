// Cameras by ONVIF: found and taken in, turned by keys and buttons, by who goes first.
import { call, go, online, personFor, signIn } from './desk.mjs';
import { equal, expect, say, skip, test, until } from './harness.mjs';
import { movableCamera } from './screens.mjs';

/** The picture in 32 x 18 grey values; nothing before there is one. */
const look = (page) =>
  page.evaluate(() => {
    const video = document.querySelector('.picture video');
    if (!video || video.readyState < 2) return undefined;
    const canvas = document.createElement('canvas');
    canvas.width = 32;
    canvas.height = 18;
    const drawing = canvas.getContext('2d');
    drawing.drawImage(video, 0, 0, 32, 18);
    const { data } = drawing.getImageData(0, 0, 32, 18);
    return Array.from({ length: 32 * 18 }, (_, i) => (data[i * 4] + data[i * 4 + 1] + data[i * 4 + 2]) / 3);
  });
const difference = (a, b) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.length;

export function register({ url, about, onvif_port }) {
  const duty = () => personFor(about, 'truc-ban');
  const engineer = () => personFor(about, 'ky-thuat');

  async function atCamera(open, person) {
    const page = await signIn(await open(), url, person);
    await online(page);
    const camera = await movableCamera(page);
    await go(page, `/cameras/${camera.id}`);
    await page.waitForSelector('.who button');
    return { page, camera };
  }

  test('cameras are found on the network and taken in, and a default password does not stay', async ({ open }) => {
    if (!onvif_port) skip('needs the simulated cameras of a demonstration');
    const page = await signIn(await open(), url, engineer());
    await online(page);
    await movableCamera(page); // a recorder is there
    const pick = async (name) => {
      await go(page, '/cameras');
      await page.click('button:has-text("Tìm camera")');
      // Other centres' simulated cameras on this machine answer too.
      await page.click(`dialog li:has-text("${name}"):has-text(":${onvif_port}/") button`);
      await page.waitForSelector('dialog input[type=password]');
      equal(await page.inputValue('dialog input[maxlength="32"]'), name, 'the code is what the camera calls itself');
    };
    const fill = async (password) => {
      await page.fill('dialog input[maxlength="64"]', 'admin');
      await page.fill('dialog input[type=password]', password);
    };
    await pick('MOI-002');
    await fill('12345');
    await page.check('dialog input[type=checkbox]');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('dialog :text("mật khẩu mặc định ai cũng biết")');
    // Nor does it take another: it stays outside until somebody changes it on the camera.
    await page.uncheck('dialog input[type=checkbox]');
    const answered = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().includes('/cameras'));
    await page.click('dialog button[type=submit]');
    await answered;
    await page.waitForSelector('dialog [role=status]', { state: 'detached' });
    await page.waitForSelector('dialog :text("mật khẩu mặc định ai cũng biết")');
    await page.keyboard.press('Escape');
    await pick('MOI-001');
    await fill('sai-mat-khau');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('dialog :text("không nhận tài khoản")');
    await fill('admin');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('dialog dl dd:has-text("đã thay")');
    const told = await page.textContent('dialog dl');
    expect(/lệch -9\d\.\d giây/.test(told) && told.includes('đã chỉnh'), `the clock was off and is set: ${told}`);
    await page.click('dialog footer button, dialog .actions button, dialog button:has-text("Đóng")');
    let camera;
    await until(async () => {
      camera = (await call(page, 'GET', '/cameras')).body.cameras.find((c) => c.code === 'MOI-001');
      return camera?.state === 'online';
    }, 'it streams, with the password that only the centre knows', 60_000);
    const device = (await call(page, 'GET', `/cameras/${camera.id}/device`)).body;
    expect(device.password_replaced && device.profiles.length === 2, JSON.stringify(device));
    // Taken in again, by what the centre knows of it.
    await go(page, `/cameras/${camera.id}`);
    await page.click('button:has-text("ONVIF")');
    await page.waitForSelector('dialog dl');
    await page.fill('dialog input.mono', `127.0.0.1:${onvif_port}/onvif/MOI-001/device_service`);
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('.toast:has-text("Đã đưa MOI-001 vào")');
  });

  test('the time bar shows the motion that a camera itself tells, apart from what is guessed', async ({ open }) => {
    const { page, camera } = await atCamera(open, engineer());
    // The bar asks again every few minutes: who looks at it anew sees what came meanwhile.
    await until(async () => {
      await go(page, '/cameras');
      await go(page, `/cameras/${camera.id}`);
      return page.waitForSelector('.track .told path', { timeout: 5_000, state: 'attached' }).then(() => true, () => false);
    }, 'motion on the bar', 90_000);
    await page.waitForSelector('.legend li:has-text("Chuyển động do camera báo")');
    const drawn = await page.getAttribute('.track .told path', 'd');
    expect(/^M\d+ 1V/.test(drawn), `in parts that stand on the ground: ${drawn}`);
  });

  test('a camera is turned by keys, taken over by who goes first, and goes home when it is handed back', async ({ open }) => {
    const { page, camera } = await atCamera(open, engineer());
    let before;
    await until(async () => (before = await look(page)), 'a picture', 60_000);
    await page.keyboard.press('p');
    await page.waitForSelector('.pad');
    const begun = Date.now();
    let far = 0;
    await page.keyboard.down('ArrowRight');
    await until(async () => (far = difference(before, await look(page))) > 12, 'another picture while the key is held');
    say(`the picture had moved ${((Date.now() - begun) / 1000).toFixed(1)} s after the key went down`);
    await page.keyboard.up('ArrowRight');
    const other = await atCamera(open, duty());
    await other.page.waitForSelector('.who:has-text("đang giữ")');
    await other.page.click('.who button:has-text("Giành quyền")');
    await other.page.waitForSelector('.pad');
    await page.waitForSelector('.toast:has-text("giành quyền")');
    await page.waitForSelector('.pad', { state: 'detached' });
    await page.keyboard.press('p');
    await page.waitForSelector('.toast:has-text("ngang hoặc cao hơn")');
    // With the pointer, and what the camera looks at kept under a name.
    const zoom = await other.page.waitForSelector('.pad button[aria-label="Phóng gần"]');
    const box = await zoom.boundingBox();
    let near;
    await until(async () => (near = await look(other.page)), 'a picture of the other', 60_000);
    await other.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await other.page.mouse.down();
    await until(async () => difference(near, await look(other.page)) > 8, 'nearer while the button is held');
    await other.page.mouse.up();
    const name = `Ngã tư ${Date.now() % 1000}`;
    await other.page.fill('.places input', name);
    await other.page.keyboard.press('Enter');
    await other.page.waitForSelector(`.presets li:has-text("${name}")`);
    await other.page.click('.who button:has-text("Trả camera")');
    await other.page.waitForSelector('.pad', { state: 'detached' });
    await until(async () => difference(before, await look(page)) < 8, 'home again, by itself');
    const { holder, presets } = (await call(page, 'GET', `/cameras/${camera.id}/device`)).body;
    expect(holder === undefined && presets.some((p) => p.name === name), 'nobody holds it, and it has the preset');
  });

  test('a tour goes round while nobody holds the camera, and waits while somebody does', async ({ open }) => {
    const { page, camera } = await atCamera(open, duty());
    const command = async (path, body = {}) => {
      const answer = await call(page, 'POST', `/cameras/${camera.id}${path}`, body);
      equal(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    await page.keyboard.press('p');
    await page.waitForSelector('.pad');
    let home;
    await until(async () => (home = await look(page)), 'a picture', 60_000);
    await command('/control/go');
    await page.fill('.places input', 'Tuần A');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.presets li:has-text("Tuần A")');
    await page.locator('.places input').blur();
    await page.keyboard.down('ArrowLeft');
    await until(async () => difference(home, await look(page)) > 12, 'the camera turns away');
    await page.keyboard.up('ArrowLeft');
    await page.fill('.places input', 'Tuần B');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.presets li:has-text("Tuần B")');
    await page.click('button:has-text("Thêm tuần")');
    await page.fill('dialog input[maxlength="60"]', 'Ban đêm');
    for (const box of await page.$$('dialog input[type=number]')) await box.fill('4');
    await page.click('dialog button[type=submit]');
    await page.click('button:has-text("Chạy Ban đêm")');
    await page.waitForSelector('button:has-text("Dừng Ban đêm")');
    const held = await look(page);
    await page.click('.who button:has-text("Trả camera")');
    await page.waitForSelector('.who:has-text("Đang đi tuần")');
    const seen = [held];
    await until(async () => {
      const now = await look(page);
      if (seen.every((one) => difference(one, now) > 10)) seen.push(now);
      return seen.length > 1;
    }, 'the camera goes on by itself');
    await page.click('button:has-text("Dừng Ban đêm")');
    await page.waitForSelector('button:has-text("Chạy Ban đêm")');
    await page.click('button:has-text("Xoá Ban đêm")');
    await page.waitForSelector('button:has-text("Chạy Ban đêm")', { state: 'detached' });
  });
}
