// Walls driven from another screen, and events that take tiles for a while.
import { call, go, newReport, online, personFor, signIn } from './desk.mjs';
import { equal, expect, skip, test, until } from './harness.mjs';

const codes = (page) => page.$$eval('.screen .tile', (all) => all.map((tile) => tile.querySelector('video')?.dataset.camera ?? ''));
const events = (page) => page.$$eval('.screen .tile[data-event]', (all) => all.map((tile) => tile.querySelector('.why')?.textContent ?? ''));

export function register({ url, about }) {
  test('a wall shows what another desk sends, takes an incident by itself and hands its tile back', async ({ open }) => {
    const desk = await signIn(await open(), url, personFor(about, 'truc-ban'));
    await online(desk);
    let cameras = [];
    await until(async () => {
      cameras = (await call(desk, 'GET', '/cameras')).body.cameras.filter((c) => c.state === 'online' && c.lat !== undefined);
      return cameras.length >= 2;
    }, 'two cameras that are online', 120_000).catch(() => skip('this centre has no two cameras that are online'));
    const name = `Tường ${Date.now() % 1_000_000}`;
    await go(desk, '/walls');
    await desk.waitForSelector('h3.heading');
    await desk.keyboard.press('n');
    await desk.fill('dialog input.control', name);
    await desk.keyboard.press('Control+Enter');
    await desk.waitForSelector(`li[aria-label="${name}"]`);

    // The page of the wall, at another browser.
    const path = await desk.getAttribute(`li[aria-label="${name}"] a`, 'href');
    const wall = await signIn(await open({ viewport: { width: 1920, height: 1080 } }), url, personFor(about, 'truc-ban'));
    await wall.goto(url + path);
    await wall.waitForSelector('.screen .none');

    // What the desk looks at is sent there, and the wall changes by itself.
    await go(desk, '/wall');
    await desk.waitForSelector('.wall .tiles video');
    const shown = await desk.$$eval('.wall .tiles video', (all) => all.map((v) => v.dataset.camera));
    await desk.keyboard.press('s');
    await desk.waitForSelector('dialog select');
    await desk.selectOption('dialog select', { label: name });
    await desk.keyboard.press('Control+Enter');
    await until(async () => (await codes(wall)).filter(Boolean).join() === shown.join(), 'the wall shows what was sent');
    await until(async () => (await wall.$$eval('.screen video', (all) => all.some((v) => v.videoWidth > 0))), 'a picture on the wall', 60_000);

    // A layout is saved, another one is sent, and the saved one is brought back.
    const layout = `Bố cục ${Date.now() % 1_000_000}`;
    const made = await call(desk, 'POST', '/wall-layouts', { name: layout, tiles: 4, cameras: [cameras[1].id] });
    equal(made.status, 200, 'a layout is saved');
    await go(desk, '/walls');
    await desk.click(`li[aria-label="${name}"] button:has-text("Chiếu lên tường")`);
    await desk.waitForSelector('dialog select');
    await until(async () => (await desk.$$('dialog select')).length === 2, 'walls and layouts to choose from');
    const [walls_box, layouts_box] = await desk.$$('dialog select');
    equal(await walls_box.evaluate((s) => s.selectedOptions[0].label), name, 'this wall is chosen');
    await layouts_box.selectOption(made.body.id);
    await desk.keyboard.press('Control+Enter');
    await until(async () => (await codes(wall)).join() === [cameras[1].code, '', '', ''].join(), 'the wall shows the saved layout');
    await wall.waitForSelector(`footer:has-text("${layout}")`);

    // An incident beside a camera takes empty tiles, with why and for how long.
    const report = await newReport(desk, { lat: cameras[0].lat, lon: cameras[0].lon, severity: 'serious' });
    await call(desk, 'POST', `/reports/${report.id}/claim`);
    const { body } = await call(desk, 'POST', `/reports/${report.id}/triage`, { decision: 'open_incident' });
    await until(async () => (await events(wall)).length > 0, 'the incident is on the wall');
    const [why] = await events(wall);
    expect(why.includes(`#${body.incident.number}`), `it says which: ${why}`);
    expect(/còn (9|10):\d\d/.test(why), `it says for how long: ${why}`);
    expect((await codes(wall))[0] === cameras[1].code, 'what was sent stays where it is free');
    expect((await codes(wall)).includes(cameras[0].code), 'the camera beside it is shown');

    // Handed back at the desk, the wall is as it was.
    await desk.waitForSelector(`li[aria-label="${name}"] .event a:has-text("#${body.incident.number}")`);
    await desk.click(`li[aria-label="${name}"] .event button`);
    await until(async () => (await events(wall)).length === 0, 'the tile is handed back');
    await until(async () => (await codes(wall)).join() === [cameras[1].code, '', '', ''].join(), 'the layout is whole again');

    // The journal has it as what it is.
    const told = (await call(await signIn(await open(), url, personFor(about, 'kiem-tra', 'kiem-toan', 'quan-tri')), 'GET', '/journal/events?limit=200')).body;
    const types = (told.events ?? []).map((e) => e.type);
    for (const type of ['wall.shown', 'wall.event_shown', 'wall.event_ended']) expect(types.includes(type), `${type} is in the journal`);

    // Retired, its page says so.
    await desk.click(`li[aria-label="${name}"] button[title="Bỏ màn hình"]`);
    await desk.keyboard.press('Control+Enter');
    await wall.waitForSelector('.screen :text("Màn hình này không còn")');
    await call(desk, 'DELETE', `/wall-layouts/${made.body.id}`);
  });

  test('who may not drive a wall is not offered it and is refused', async ({ open }) => {
    const page = await signIn(await open(), url, personFor(about, 'ky-thuat'));
    await online(page);
    await go(page, '/wall');
    await page.waitForSelector('.wall header');
    expect(!(await page.$('.wall header button:has-text("Chiếu lên tường")')), 'an engineer is offered no sending');
    const { status } = await call(page, 'POST', '/wall-layouts', { name: 'x', tiles: 1, cameras: [] });
    equal(status, 403, 'saving a layout');
  });
}
