// Every screen of the interface, with who sees it and how to get there: walked by the axe test and
// by the picture tour.
import { call, go, mapDrawn, newReport } from './desk.mjs';
import { until } from './harness.mjs';

const wait = (page, selector) => page.waitForSelector(selector, { timeout: 30_000 });
/** First record of a kind, as the person may list it. */
const first = (page, path, list) =>
  page.evaluate(async ([p, l]) => (await (await fetch(`/api/v1${p}`)).json())[l]?.[0]?.id, [path, list]);
async function openedNow(page) {
  const { id } = await newReport(page, { severity: 'serious', category: 'fire', service: 'fire' });
  await call(page, 'POST', `/reports/${id}/claim`);
  const { body } = await call(page, 'POST', `/reports/${id}/triage`, { decision: 'open_incident' });
  return body.incident.id;
}
async function cameraNow(page) {
  const { body } = await call(page, 'POST', '/cameras', { code: `T-${Date.now() % 1_000_000}`, name: 'Cổng chợ', main_url: 'rtsp://127.0.0.1:9/main' });
  return body.id;
}
/** The demonstration's camera that can be turned, once it is taken in. */
export async function movableCamera(page) {
  let found;
  await until(async () => {
    for (const camera of (await call(page, 'GET', '/cameras')).body.cameras) {
      if ((await call(page, 'GET', `/cameras/${camera.id}/device`)).body.ptz) found = camera;
    }
    return found;
  }, 'a camera that can be turned', 120_000);
  return found;
}
async function roleAsked(page) {
  if (await first(page, '/approvals?state=pending', 'approvals')) return;
  const { people } = (await call(page, 'GET', '/people')).body;
  const one = people.find((q) => q.login === 'tiep-nhan') ?? people[0];
  await call(page, 'POST', `/people/${one.id}/role-requests`, { grant: ['dispatcher'], revoke: [], reason: 'Bổ sung người điều phối cho ca đêm' });
}

/** A case with a bookmark and a request of this person. */
async function caseNow(page) {
  const known = await first(page, '/exports?state=requested', 'exports');
  if (known) return { export_id: known, case_id: await first(page, '/cases', 'cases') };
  const camera_id = (await call(page, 'GET', '/cameras')).body.cameras[0].id;
  const from_us = Date.now() * 1000 - 240e6;
  const { body } = await call(page, 'POST', '/cases', { number: `VA-${Date.now() % 1_000_000}`, kind: 'traffic_accident' });
  await call(page, 'POST', `/cases/${body.id}/bookmarks`, { camera_id, from_us, to_us: from_us + 60e6, note: 'Xe tải rẽ trái, va vào xe máy' });
  const asked = await call(page, 'POST', '/exports', {
    case_id: body.id, camera_ids: [camera_id], from_us, to_us: from_us + 120e6, purpose: 'accident_handling', reason: 'Giải quyết vụ va chạm theo công văn 117/CV-CSGT',
    masks: [{ camera_id, from_us, to_us: from_us + 60e6, x: 120, y: 300, width: 180, height: 220 }, { camera_id, from_us: from_us + 20e6, to_us: from_us + 90e6, x: 560, y: 420, width: 140, height: 90 }],
  });
  return { export_id: asked.body.id, case_id: body.id };
}

/** A wall that shows all there is, and an incident beside one of its cameras. */
async function wallNow(page) {
  const cameras = (await call(page, 'GET', '/cameras')).body.cameras.filter((c) => c.state !== 'disabled');
  const known = await first(page, '/walls', 'walls');
  const id = known ?? (await call(page, 'POST', '/walls', { name: 'Tường lớn phòng chỉ huy', accepts_incidents: true, accepts_pictures: true })).body.id;
  if (known) return id;
  const layout = await call(page, 'POST', '/wall-layouts', { name: 'Các cửa ngõ thành phố', tiles: 9, cameras: cameras.slice(0, 9).map((c) => c.id) });
  await call(page, 'POST', `/walls/${id}/show`, { tiles: 9, cameras: cameras.slice(0, 9).map((c) => c.id), layout_id: layout.body.id });
  const near = cameras.find((c) => c.lat !== undefined);
  if (near) {
    const report = await newReport(page, { lat: near.lat, lon: near.lon, severity: 'serious' });
    await call(page, 'POST', `/reports/${report.id}/claim`);
    await call(page, 'POST', `/reports/${report.id}/triage`, { decision: 'open_incident' });
  }
  return id;
}

export const screens = [
  { name: 'export', as: ['truc-ban'], to: async (p) => { const { export_id } = await caseNow(p); await go(p, `/exports/${export_id}`); await wait(p, '.head h2'); await wait(p, 'dd.text'); } },
  { name: 'export-new', as: ['truc-ban'], to: async (p) => { await go(p, '/exports'); await wait(p, '[role=grid]'); await p.keyboard.press('n'); await wait(p, 'dialog li'); } },
  { name: 'cases', as: ['truc-ban'], to: async (p) => { await caseNow(p); await go(p, '/cases'); await wait(p, 'tbody tr'); } },
  { name: 'case', as: ['truc-ban'], to: async (p) => { const { case_id } = await caseNow(p); await go(p, `/cases/${case_id}`); await wait(p, 'section li a'); } },
  { name: 'walls', as: ['truc-ban'], to: async (p) => { await wallNow(p); await go(p, '/walls'); await wait(p, '.walls .row'); } },
  { name: 'wall-send', as: ['truc-ban'], to: async (p) => { await wallNow(p); await go(p, '/wall'); await wait(p, '.wall header'); await p.keyboard.press('s'); await wait(p, 'dialog select'); } },
  { name: 'wall-edit', as: ['truc-ban'], to: async (p) => { await go(p, '/walls'); await wait(p, 'h3.heading'); await p.keyboard.press('n'); await wait(p, 'dialog fieldset'); } },
  { name: 'wall-screen', as: ['truc-ban'], to: async (p) => { await go(p, `/walls/${await wallNow(p)}`); await wait(p, '.screen footer'); } },
  { name: 'situation', as: ['truc-ban'], to: async (p) => { await go(p, '/'); await wait(p, '.situation'); } },
  { name: 'situation-replay', as: ['truc-ban'], to: async (p) => { await go(p, '/'); await wait(p, '.situation'); await p.click('.strip button'); await wait(p, '.banner'); } },
  { name: 'reports', as: ['truc-ban', 'tiep-nhan'], to: async (p) => { await go(p, '/reports'); await wait(p, '.reports'); } },
  { name: 'report-new', as: ['truc-ban', 'tiep-nhan'], to: async (p) => { await go(p, '/reports?new=1'); await wait(p, '.form textarea'); } },
  {
    name: 'report', as: ['truc-ban', 'tiep-nhan'],
    to: async (p) => {
      const id = (await first(p, '/reports?state=waiting', 'reports')) ?? (await newReport(p)).id;
      await go(p, `/reports/${id}`);
      await wait(p, '.head .service');
    },
  },
  { name: 'incidents', as: ['truc-ban'], to: async (p) => { await go(p, '/incidents'); await wait(p, '[role=grid]'); } },
  { name: 'incidents-closed', as: ['truc-ban'], to: async (p) => { await go(p, '/incidents?state=closed'); await wait(p, '[role=grid]'); } },
  {
    name: 'incident', as: ['truc-ban'],
    to: async (p) => {
      const id = (await first(p, '/incidents?state=open', 'incidents')) ?? (await openedNow(p));
      await go(p, `/incidents/${id}`);
      await wait(p, '.incident .columns');
    },
  },
  {
    name: 'incident-close', as: ['truc-ban'],
    to: async (p) => {
      const id = (await first(p, '/incidents?state=open', 'incidents')) ?? (await openedNow(p));
      await go(p, `/incidents/${id}`);
      await wait(p, '.incident .columns');
      await p.keyboard.press('k');
      await wait(p, 'dialog');
    },
  },
  { name: 'units', as: ['truc-ban'], to: async (p) => { await go(p, '/units'); await wait(p, '[role=grid]'); } },
  { name: 'key-help', as: ['truc-ban'], to: async (p) => { await go(p, '/'); await wait(p, '.situation'); await p.keyboard.press('?'); await wait(p, 'dialog'); } },
  { name: 'not-found', as: ['truc-ban'], to: async (p) => { await go(p, '/nothing-here'); await wait(p, 'main'); } },
  { name: 'person-menu', as: ['truc-ban'], to: async (p) => { await go(p, '/incidents'); await wait(p, '[role=grid]'); await p.click('header .menu button'); await wait(p, '.sheet'); } },
  { name: 'second-factor', as: ['truc-ban'], to: async (p) => { await go(p, '/incidents'); await wait(p, '[role=grid]'); await p.click('header .menu button'); await p.click('.sheet button:has(small)'); await wait(p, 'dialog .secret'); } },
  {
    name: 'camera-control', as: ['truc-ban'],
    to: async (p) => {
      const camera = await movableCamera(p);
      await go(p, `/cameras/${camera.id}`);
      await wait(p, '.who button');
      if (!(await p.$('.pad'))) await p.keyboard.press('p');
      await wait(p, '.pad');
    },
  },
  { name: 'camera-discover', as: ['ky-thuat'], to: async (p) => { await go(p, '/cameras'); await p.click('button:has-text("Tìm camera"), button:has-text("Find cameras")'); await wait(p, 'dialog li'); } },
  { name: 'camera-enrol', as: ['ky-thuat'], to: async (p) => { const { id } = await movableCamera(p); await go(p, `/cameras/${id}`); await p.click('button:has-text("ONVIF")'); await wait(p, 'dialog dl'); } },
  { name: 'cameras', as: ['ky-thuat', 'truc-ban'], to: async (p) => { await go(p, '/cameras'); await wait(p, '[role=grid]'); } },
  { name: 'wall', as: ['ky-thuat', 'truc-ban'], to: async (p) => { await go(p, '/wall'); await wait(p, '.wall'); } },
  {
    name: 'playback', as: ['ky-thuat', 'truc-ban'],
    to: async (p) => {
      const cameras = await p.evaluate(async () => (await (await fetch('/api/v1/cameras')).json()).cameras.slice(0, 4).map((c) => c.id));
      await go(p, `/playback?cameras=${cameras.join(',')}`);
      await wait(p, '.together');
    },
  },
  {
    name: 'camera', as: ['ky-thuat', 'truc-ban'],
    to: async (p) => {
      const id = (await first(p, '/cameras', 'cameras')) ?? (await cameraNow(p));
      await go(p, `/cameras/${id}`);
      await wait(p, '.picture');
      await p.waitForTimeout(2500);
    },
  },
  {
    name: 'camera-player-address', as: ['truc-ban'],
    to: async (p) => {
      await go(p, `/cameras/${(await first(p, '/cameras', 'cameras')) ?? (await cameraNow(p))}`);
      await wait(p, '.picture');
      await p.keyboard.press('v');
      await wait(p, 'dialog select[name=hours]');
      await p.keyboard.press('Control+Enter');
      // A centre without a recorder says so.
      await wait(p, 'dialog input[name=url], dialog [role=alert]');
    },
  },
  { name: 'camera-add', as: ['ky-thuat'], to: async (p) => { await go(p, '/cameras'); await wait(p, '[role=grid]'); await p.click('button[aria-keyshortcuts=N]'); await wait(p, 'dialog'); } },
  {
    name: 'camera-health', as: ['ky-thuat', 'truc-ban'],
    to: async (p) => {
      await go(p, `/cameras/${(await first(p, '/cameras', 'cameras')) ?? (await cameraNow(p))}`);
      await wait(p, '.picture');
      if (!(await p.$('.health'))) await p.keyboard.press('h');
      await wait(p, '.health h3');
      await p.waitForTimeout(2500);
    },
  },
  { name: 'fleet', as: ['truc-ban', 'ky-thuat'], to: async (p) => { await go(p, '/fleet'); await wait(p, '.fleet .panel'); const alarm = await p.$('.alarm .head[aria-expanded=false]'); if (alarm) await alarm.click(); } },
  { name: 'fleet-uptime', as: ['truc-ban', 'ky-thuat'], to: async (p) => { await go(p, '/fleet/uptime'); await wait(p, '.fleet [role=grid]'); } },
  { name: 'fleet-topology', as: ['ky-thuat'], to: async (p) => { await go(p, '/fleet/topology'); await wait(p, '.fleet [role=grid]'); } },
  { name: 'fleet-asset', as: ['ky-thuat'], to: async (p) => { await go(p, '/fleet/topology'); await wait(p, '.fleet [role=grid]'); await p.click('button[aria-keyshortcuts=N]'); await wait(p, 'dialog'); } },
  { name: 'fleet-plan', as: ['ky-thuat'], to: async (p) => { await go(p, '/fleet/topology'); await wait(p, '.fleet [role=grid]'); await p.click('button[aria-keyshortcuts=P]'); await wait(p, 'dialog'); } },
  { name: 'people', as: ['quan-tri'], to: async (p) => { await go(p, '/administration/people'); await wait(p, '[role=grid]'); } },
  {
    name: 'person', as: ['quan-tri'],
    to: async (p) => {
      await go(p, `/administration/people/${await first(p, '/people', 'people')}`);
      await wait(p, 'dl');
    },
  },
  {
    name: 'role-change', as: ['quan-tri'],
    to: async (p) => {
      await go(p, `/administration/people/${await first(p, '/people', 'people')}`);
      await wait(p, 'dl');
      await p.click('.actions button:nth-child(1)');
      await wait(p, 'dialog textarea');
    },
  },
  { name: 'approvals', as: ['quan-tri'], to: async (p) => { await roleAsked(p); await go(p, '/administration/approvals'); await wait(p, 'main li'); } },
  { name: 'roles', as: ['quan-tri'], to: async (p) => { await go(p, '/administration/roles'); await wait(p, '[role=grid]'); } },
  { name: 'journal', as: ['quan-tri', 'kiem-tra'], to: async (p) => { await go(p, '/administration/journal'); await wait(p, '[role=grid] .line'); } },
  {
    name: 'journal-verified', as: ['quan-tri', 'kiem-tra'],
    to: async (p) => {
      await go(p, '/administration/journal');
      await wait(p, '[role=grid] .line');
      await p.keyboard.press('v');
      await wait(p, '.result');
      await p.click('[role=grid] .line:nth-child(1)');
      await wait(p, 'pre.mono');
    },
  },
  { name: 'storage', as: ['quan-tri', 'ky-thuat'], to: async (p) => { await go(p, '/administration/storage'); await wait(p, 'section.recorder'); } },
  { name: 'processes', as: ['quan-tri', 'ky-thuat'], to: async (p) => { await go(p, '/administration/processes'); await wait(p, '[role=grid]'); } },
  { name: 'places', as: ['quan-tri'], to: async (p) => { await go(p, '/administration/places'); await wait(p, '[role=grid]'); } },
];

/** Goes to the screen and lets it come to rest. */
export async function show(page, screen) {
  await screen.to(page);
  await mapDrawn(page);
  await page.waitForTimeout(250);
}
