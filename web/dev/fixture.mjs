// A stand-in for the core while screens are drawn: an in-memory province that answers the routes of
// api/openapi.yaml. Only for development and for pictures of components; the product's end-to-end
// tests run against the real core.
//
//   node dev/fixture.mjs [--port 20443] [--live]
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, '../dist');
const argument = (name, fallback) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : process.argv[at + 1];
};
const port = Number(argument('--port', '20443'));
const now = () => Date.now() * 1000;
const minute = 60_000_000;
let seed = 7;
const random = () => ((seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648);
const pick = (list) => list[Math.floor(random() * list.length)];

// ---- ground
const communes = JSON.parse(readFileSync(join(here, 'communes.json'), 'utf8'));
const units_on_ground = communes.map(([code, name, full_name, kind, lat, lon, area_km2]) => ({
  code, name, full_name, kind, valid_from: '2025-07-01', successor_codes: [], lat, lon, area_km2,
}));
function cell(of) {
  let ring = [[-0.14, -0.13], [0.14, -0.13], [0.14, 0.13], [-0.14, 0.13]].map(([x, y]) => [of.lon + x, of.lat + y]);
  for (const other of units_on_ground) {
    if (other === of) continue;
    const mx = (of.lon + other.lon) / 2, my = (of.lat + other.lat) / 2;
    const dx = other.lon - of.lon, dy = other.lat - of.lat;
    const side = ([x, y]) => (x - mx) * dx + (y - my) * dy;
    const next = [];
    ring.forEach((a, i) => {
      const b = ring[(i + 1) % ring.length];
      const sa = side(a), sb = side(b);
      if (sa <= 0) next.push(a);
      if (sa * sb < 0) next.push([a[0] + ((b[0] - a[0]) * sa) / (sa - sb), a[1] + ((b[1] - a[1]) * sa) / (sa - sb)]);
    });
    ring = next;
    if (ring.length < 3) break;
  }
  return [...ring, ring[0]];
}
const outlines = {
  type: 'FeatureCollection',
  features: units_on_ground.map((u) => ({
    type: 'Feature',
    properties: { code: u.code, name: u.name, full_name: u.full_name, kind: u.kind, generated: true },
    geometry: { type: 'Polygon', coordinates: [cell(u)] },
  })),
};
const km = (a, b) => Math.hypot((a.lat - b.lat) * 111.2, (a.lon - b.lon) * 103.7);
const at = (name) => units_on_ground.find((u) => u.name === name);
const roads = { type: 'FeatureCollection', features: [] };
const road = (cls, name, points) => roads.features.push({ type: 'Feature', properties: { class: cls, name, generated: true }, geometry: { type: 'LineString', coordinates: points } });
for (const a of units_on_ground) {
  for (const b of [...units_on_ground].sort((x, y) => km(a, x) - km(a, y)).slice(1, 4)) {
    if (a.code < b.code) {
      const bend = [(a.lon + b.lon) / 2 + (random() - 0.5) * 0.01, (a.lat + b.lat) / 2 + (random() - 0.5) * 0.01];
      road('road', '', [[a.lon, a.lat], bend, [b.lon, b.lat]]);
    }
  }
}
const line = (...names) => names.map(at).filter(Boolean).map((u) => [u.lon, u.lat]);
road('trunk', 'QL1A', line('Từ Sơn', 'Võ Cường', 'Vũ Ninh', 'Nếnh', 'Bắc Giang', 'Lạng Giang', 'Kép'));
road('trunk', 'QL18', line('Yên Phong', 'Võ Cường', 'Quế Võ', 'Phương Liễu', 'Nhân Hòa'));
const nearest = (lat, lon) => [...units_on_ground].sort((a, b) => km({ lat, lon }, a) - km({ lat, lon }, b))[0];

// ---- people
const me = {
  id: randomUUID(), display_name: 'Nguyễn Văn An',
  roles: ['administrator', 'duty_officer', 'call_taker', 'dispatcher', 'engineer', 'auditor'],
  must_change_password: false, totp_enrolled: false,
};
const names = ['Trần Thị Bình', 'Lê Hoàng Cường', 'Phạm Minh Đức', 'Vũ Thị Hạnh', 'Đỗ Quang Huy', 'Ngô Thu Lan', 'Bùi Văn Nam'];
const people = [
  { id: me.id, login: 'truc-ban', display_name: me.display_name, roles: me.roles, state: 'active', last_sign_in_us: now(), totp_enrolled: false },
  ...names.map((display_name, i) => ({
    id: randomUUID(), login: display_name.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase().split(' ').slice(-2).join('.'),
    display_name, roles: [[ 'call_taker'], ['dispatcher'], ['engineer'], ['call_taker', 'dispatcher'], ['unit_crew'], ['auditor'], []][i],
    state: i === 6 ? 'disabled' : i === 5 ? 'locked' : 'active', last_sign_in_us: now() - (i + 1) * 97 * minute, totp_enrolled: i % 2 === 0,
  })),
];
const approvals = [{
  id: randomUUID(), kind: 'role_change', subject_id: people[4].id, summary: 'grant duty_officer',
  detail: { grant: ['duty_officer'], revoke: [], reason: 'Thay trực ban trưởng ca đêm' }, author_id: people[1].id,
  requested_us: now() - 34 * minute, state: 'pending',
}];

// ---- units, cameras, reports, incidents
const kinds = ['police_patrol', 'traffic_police', 'fire_engine', 'rescue', 'ambulance', 'commune_police'];
const sign = { police_patrol: 'TT', traffic_police: 'GT', fire_engine: 'CC', rescue: 'CH', ambulance: 'CT', commune_police: 'CX' };
const units = Array.from({ length: 36 }, (_, i) => {
  const home = units_on_ground[(i * 11) % 99];
  const kind = kinds[i % 6];
  return {
    id: randomUUID(), call_sign: `${sign[kind]}-${String(Math.floor(i / 6) + 1).padStart(2, '0')}`, kind,
    status: i % 13 === 12 ? 'unavailable' : 'available', lat: home.lat + (random() - 0.5) * 0.03, lon: home.lon + (random() - 0.5) * 0.03,
    heading_deg: Math.floor(random() * 360), position_us: now(), version: 1,
  };
});
const cameras = Array.from({ length: 24 }, (_, i) => {
  const place = units_on_ground[(i * 17) % 99];
  const off = i === 5 || i === 16;
  return {
    id: randomUUID(), code: `BN-${String(i * 37 + 12).padStart(4, '0')}`, name: `Nút giao ${place.name}`,
    lat: place.lat + (random() - 0.5) * 0.02, lon: place.lon + (random() - 0.5) * 0.02, unit_code: place.code,
    main_url_set: true, sub_url_set: true, replay_url_set: i % 3 === 0, recorder_id: randomUUID(), state: off ? 'offline' : i === 23 ? 'disabled' : 'online',
    state_since_us: now() - (off ? 47 : 9000) * minute, ...(off ? { state_cause: i === 5 ? 'camera_unreachable' : 'stream_stalled' } : {}),
    recording: !off && i !== 23, retention_days: 30, version: 1,
  };
});
const reports = [];
const incidents = [];
const notes = new Map();
const attachments = [];
const personal = new Map();
const journal = [];
const watchers = new Set();
let number = 200;

function event(kind, id, type, body = {}, actor = { kind: 'person', id: me.id }, at_us = now()) {
  const e = {
    sequence: journal.length + 1, at_us, actor, stream: { kind, id }, stream_version: 1, type, version: 1, body,
    hash: createHash('sha256').update(`${journal.length}${type}${id}`).digest('hex'),
  };
  journal.push(e);
  const { version, hash, ...sent } = e;
  for (const w of watchers) w.send(JSON.stringify({ events: [sent] }));
  return e;
}
function addReport(f, at_us = now()) {
  const r = {
    id: randomUUID(), number: ++number, received_us: at_us, channel: f.channel ?? 'phone', service: f.service, category: f.category,
    severity: f.severity, lat: f.lat, lon: f.lon, unit_code: f.unit_code ?? (f.lat ? nearest(f.lat, f.lon).code : undefined), state: 'waiting', version: 1,
  };
  reports.push(r);
  personal.set(r.id, { place_text: f.place_text, caller_name: f.caller_name, caller_number: f.caller_number, narrative: f.narrative });
  event('report', r.id, 'report.received', { channel: r.channel, service: r.service, category: r.category, severity: r.severity }, undefined, at_us);
  return r;
}
function openIncident(r, at_us = now()) {
  const i = {
    id: randomUUID(), number: incidents.length + 81, opened_us: at_us, state: 'open', category: r.category, severity: r.severity,
    service: r.service, lat: r.lat, lon: r.lon, unit_code: r.unit_code, report_ids: [r.id], assignments: [], opened_by: me.id,
    version: 1, note_count: 0, attachment_count: 0,
  };
  incidents.push(i);
  Object.assign(r, { state: 'closed', closure: 'incident_opened', incident_id: i.id, version: r.version + 1 });
  event('report', r.id, 'report.triaged', { closure: 'incident_opened', incident_id: i.id }, undefined, at_us);
  event('incident', i.id, 'incident.opened', { report_id: r.id, category: i.category, severity: i.severity }, undefined, at_us);
  notes.set(i.id, []);
  return i;
}
function assign(i, u, status, at_us = now()) {
  i.assignments.push({ unit_id: u.id, status: 'assigned', since_us: at_us });
  Object.assign(u, { status: 'assigned', incident_id: i.id, version: u.version + 1 });
  event('incident', i.id, 'incident.unit_assigned', { unit_id: u.id }, undefined, at_us);
  for (const s of ['accepted', 'en_route', 'on_scene']) {
    if (['accepted', 'en_route', 'on_scene'].indexOf(s) > ['accepted', 'en_route', 'on_scene'].indexOf(status)) break;
    at_us += 70_000_000;
    milestone(i, u, s, Math.min(at_us, now()));
  }
}
function milestone(i, u, status, at_us = now()) {
  const a = i.assignments.find((x) => x.unit_id === u.id);
  Object.assign(a, { status, since_us: at_us });
  Object.assign(u, { status: status === 'released' ? 'available' : status === 'accepted' ? 'assigned' : status, version: u.version + 1 });
  if (status === 'released') delete u.incident_id;
  i.version += 1;
  event('incident', i.id, 'incident.unit_status_changed', { unit_id: u.id, status }, undefined, at_us);
}
const place = (name, dx = 0.004, dy = 0.003) => ({ lat: (at(name) ?? units_on_ground[0]).lat + dy, lon: (at(name) ?? units_on_ground[0]).lon + dx });
const start = [
  ['fire', 'fire', 'critical', 'Nếnh', 4, 'Xưởng gỗ lô C4, KCN Quang Châu', 'Khói đen bốc từ mái xưởng, lửa lan sang kho bên phải.', 3],
  ['traffic', 'traffic_accident', 'critical', 'Đa Mai', 12, 'QL1A Km 128+400', 'Hai xe máy va chạm, hai người nằm trên đường.', 3],
  ['police', 'public_disorder', 'serious', 'Từ Sơn', 6, 'Chợ Giầu', 'Một nhóm cầm gậy đuổi nhau trước cổng chợ.', 2],
  ['police', 'missing_person', 'serious', 'Kinh Bắc', 48, 'Phố Vệ An', 'Bé gái 7 tuổi đi khỏi nhà từ chiều.', 2],
  ['traffic', 'congestion', 'serious', 'Quế Võ', 3, 'Nút giao QL18 – TL295B', 'Xe tải chết máy chắn làn.', 1],
  ['social', 'flood', 'routine', 'Võ Cường', 22, 'Đường Lý Thái Tổ', 'Nước ngập nửa bánh xe.', 1],
  ['police', 'theft', 'routine', 'Bắc Giang', 91, 'Phường Bắc Giang', 'Mất xe máy trước cửa hàng.', 1],
  ['social', 'social_welfare', 'routine', 'Tiên Lục', 35, 'Xã Tiên Lục', 'Cụ già sống một mình cần giúp.', 1],
];
start.forEach(([service, category, severity, where, ago, place_text, narrative, sent], n) => {
  const r = addReport({ service, category, severity, ...place(where), place_text, narrative, caller_name: pick(names), caller_number: '0912000406' }, now() - (ago + 2) * minute);
  const i = openIncident(r, now() - ago * minute);
  const free = units.filter((u) => u.status === 'available').sort((a, b) => km(a, i) - km(b, i));
  for (let k = 0; k < sent; k++) assign(i, free[k], ['on_scene', 'en_route', 'accepted'][(k + n) % 3], i.opened_us + (k + 1) * 40_000_000);
});
for (let n = 0; n < 14; n++) {
  const [service, category, severity, where, , place_text, narrative] = start[n % start.length];
  const r = addReport({ service, category, severity, ...place(where, random() * 0.03, random() * 0.03), place_text, narrative }, now() - (180 + n * 83) * minute);
  const i = openIncident(r, r.received_us + 2 * minute);
  Object.assign(i, { state: 'closed', outcome: pick(['resolved', 'resolved', 'handed_over', 'unfounded']), closed_us: i.opened_us + (20 + n * 5) * minute });
  event('incident', i.id, 'incident.closed', { outcome: i.outcome }, undefined, i.closed_us);
}
addReport({ service: 'fire', category: 'fire', severity: 'critical', ...place('Nếnh', 0.0043, 0.0034), place_text: 'gần KCN Quang Châu', caller_number: '0987000111', narrative: 'Thấy khói từ xa, chưa rõ cháy gì.' }, now() - 42_000_000);
addReport({ service: 'police', category: 'violence', severity: 'serious', ...place('Vũ Ninh'), channel: 'app', place_text: 'Ngõ 12', narrative: 'Có tiếng kêu cứu ở nhà bên.' }, now() - 96_000_000);
addReport({ service: 'medical', category: 'medical_emergency', severity: 'serious', channel: 'partner', ...place('Yên Dũng'), place_text: 'Trạm y tế', narrative: 'Người già khó thở.' }, now() - 18_000_000);
const bins = Array.from({ length: 576 }, (_, i) => {
  const hour = ((i - 576) * 5) / 60 + new Date().getHours() + 48;
  const level = 0.6 + 2.2 * Math.exp(-(((hour % 24) - 18) ** 2) / 18) + 1.4 * Math.exp(-(((hour % 24) - 8) ** 2) / 8);
  return { start_us: Math.floor(now() / (5 * minute)) * 5 * minute - (575 - i) * 5 * minute, reports: Math.floor(random() * level * 2.4), incidents: random() < level * 0.12 ? 1 : 0 };
});

// ---- answers
class Refusal extends Error {
  constructor(status, code, extra = {}) {
    super(code);
    Object.assign(this, { status, code, extra });
  }
}
const find = (list, id) => list.find((x) => x.id === id) ?? (() => { throw new Refusal(404, 'http.not_found'); })();
const changed = (r) => ((r.version += 1), r);
const detail = (r) =>
  r.state === 'waiting' || (r.state === 'claimed' && r.claimed_by !== me.id)
    ? { ...r, personal_withheld: 'claim the report to read it' }
    : { ...r, personal: personal.get(r.id) };
const byIds = (list, q) => (q.get('ids') ? list.filter((x) => q.get('ids').split(',').includes(x.id)) : null);
const cameraFrom = (b, old) => ({
  ...(old ?? { id: randomUUID(), recorder_id: randomUUID(), state: 'unknown', state_since_us: now(), recording: false, version: 0 }),
  code: b.code, name: b.name, lat: b.lat, lon: b.lon, unit_code: b.unit_code, retention_days: b.retention_days ?? 30,
  main_url_set: b.main_url ? true : old?.main_url_set ?? false, sub_url_set: b.sub_url ? true : old?.sub_url_set ?? false, replay_url_set: b.replay_url ? true : old?.replay_url_set ?? false,
});
const situation = (as_of) => ({
  sequence: journal.length, at_us: as_of ?? now(), waiting_reports: reports.filter((r) => r.state === 'waiting').length,
  open_incidents: as_of ? incidents.filter((i) => i.opened_us <= as_of && !(i.closed_us <= as_of)).map((i) => ({ ...i, state: 'open', assignments: i.assignments.filter((a) => a.since_us <= as_of) })) : incidents.filter((i) => i.state === 'open'),
  units: as_of ? units.map((u) => ({ ...u, lat: u.lat - ((now() - as_of) / minute) * 0.0004 })) : units,
  cameras: { online: cameras.filter((c) => c.state === 'online').length, offline: cameras.filter((c) => c.state === 'offline').length, total: cameras.length, offline_ids: cameras.filter((c) => c.state === 'offline').map((c) => c.id) },
  reports: reports.filter((r) => r.state === 'waiting' && r.received_us <= (as_of ?? now())),
});
const sessionBody = () => ({
  person: me, province: { id: '24', name: 'Bắc Ninh' }, csrf_token: 'fixture', expires_us: now() + 480 * minute, idle_expires_us: now() + 30 * minute, demonstration: true,
});
let signed_in = process.argv.includes('--signed-in');
const routes = [
  ['GET /about', () => ({ name: 'Vọng Lâu', version: '0.1.0', province: { id: '24', name: 'Bắc Ninh' }, demonstration: true, sign_ins: [{ login: 'truc-ban', password: 'vong-lau-thu', display_name: 'Trực ban trưởng' }, { login: 'tran.binh', password: 'vong-lau-thu', display_name: 'Tiếp nhận' }] })],
  ['GET /session', () => { if (!signed_in) throw new Refusal(401, 'access.not_signed_in'); return sessionBody(); }],
  ['POST /session', ({ body }) => { if (body.password !== 'vong-lau-thu') throw new Refusal(401, 'access.wrong_credentials'); signed_in = true; return sessionBody(); }],
  ['DELETE /session', () => { signed_in = false; }],
  ['POST /session/password', () => { me.must_change_password = false; return sessionBody(); }],
  ['POST /session/totp', () => ({ secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Vong%20Lau:truc-ban?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Vong%20Lau' })],
  ['POST /session/totp/confirm', () => { me.totp_enrolled = true; return sessionBody(); }],
  ['GET /directory', () => ({ people: people.map(({ id, display_name }) => ({ id, display_name })) })],
  ['GET /people', () => ({ people })],
  ['POST /people', ({ body }) => { const person = { id: randomUUID(), roles: [], state: 'active', totp_enrolled: false, ...body }; people.push(person); event('person', person.id, 'person.created'); return { person, one_time_password: 'sông-đuống-7291' }; }],
  ['POST /people/{id}/disable', ({ id }) => { const p = find(people, id); p.state = 'disabled'; event('person', id, 'person.disabled'); return p; }],
  ['POST /people/{id}/enable', ({ id }) => { const p = find(people, id); p.state = 'active'; event('person', id, 'person.enabled'); return p; }],
  ['POST /people/{id}/reset-password', ({ id }) => ({ person: find(people, id), one_time_password: 'núi-dạm-4410' })],
  ['POST /people/{id}/role-requests', ({ id, body }) => { const a = { id: randomUUID(), kind: 'role_change', subject_id: id, summary: '', detail: body, author_id: me.id, requested_us: now(), state: 'pending' }; approvals.push(a); event('approval', a.id, 'role.change_requested', { approval_id: a.id, subject_id: id }); return a; }],
  ['GET /approvals', ({ q }) => ({ approvals: approvals.filter((a) => !q.get('state') || a.state === q.get('state')) })],
  ['POST /approvals/{id}/approve', ({ id }) => { const a = find(approvals, id); if (a.author_id === me.id) throw new Refusal(409, 'access.same_person'); Object.assign(a, { state: 'approved', decided_by: me.id, decided_us: now() }); find(people, a.subject_id).roles.push(...a.detail.grant); event('approval', id, 'role.change_approved'); return a; }],
  ['POST /approvals/{id}/reject', ({ id }) => { const a = find(approvals, id); Object.assign(a, { state: 'rejected', decided_by: me.id, decided_us: now() }); event('approval', id, 'role.change_rejected'); return a; }],
  ['GET /roles', () => {
    const text = readFileSync(join(here, '../../api/openapi.yaml'), 'utf8');
    const list = [];
    let path = '', method = '', roles = [];
    for (const l of text.split('\n')) {
      let m;
      if ((m = /^ {2}(\/\S+):$/.exec(l))) path = m[1];
      else if ((m = /^ {4}(get|post|put|delete):$/.exec(l))) method = m[1].toUpperCase();
      else if ((m = /^ {6}x-roles: \[(.*)\]/.exec(l))) roles = m[1].split(', ');
      else if ((m = /^ {6}x-permission: (\S+)/.exec(l))) list.push({ method, path, permission: m[1], roles: roles[0] === 'signed_in' ? ['administrator', 'duty_officer', 'call_taker', 'dispatcher', 'engineer', 'auditor', 'unit_crew'] : roles });
    }
    const all = ['administrator', 'duty_officer', 'call_taker', 'dispatcher', 'engineer', 'auditor', 'unit_crew'];
    return { roles: all.map((role) => ({ role, permissions: [...new Set(list.filter((r) => r.roles.includes(role)).map((r) => r.permission))] })), routes: list };
  }],
  ['GET /places/units', () => ({ units: units_on_ground })],
  ['GET /places/outlines.geojson', () => outlines],
  ['GET /places/roads.geojson', () => roads],
  ['GET /places/search', ({ q }) => {
    const fold = (s) => s.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase();
    const w = fold(q.get('q') ?? '');
    return { results: units_on_ground.filter((u) => fold(u.full_name).includes(w)).slice(0, 8).map((u) => ({ kind: 'unit', label: u.full_name, detail: 'Bắc Ninh', lat: u.lat, lon: u.lon, unit_code: u.code })) };
  }],
  ['GET /places/at', ({ q }) => ({ unit: nearest(Number(q.get('lat')), Number(q.get('lon'))) })],
  ['POST /places/boundaries', ({ body }) => ({ imported: (body.features ?? []).length, refused: [{ feature: 3, reason: 'ring 0 is not closed' }] })],
  ['GET /reports', ({ q }) => ({ reports: (byIds(reports, q) ?? reports.filter((r) => !q.get('state') || r.state === q.get('state'))).slice(-200) })],
  ['POST /reports', ({ body }) => addReport(body)],
  ['GET /reports/{id}', ({ id }) => detail(find(reports, id))],
  ['POST /reports/{id}/claim', ({ id }) => { const r = find(reports, id); if (r.state !== 'waiting') throw new Refusal(409, 'incidents.already_claimed', { claimed_by: r.claimed_by }); Object.assign(changed(r), { state: 'claimed', claimed_by: me.id, claimed_us: now() }); event('report', id, 'report.claimed'); return detail(r); }],
  ['POST /reports/{id}/release', ({ id }) => { const r = find(reports, id); Object.assign(changed(r), { state: 'waiting', claimed_by: undefined, claimed_us: undefined }); event('report', id, 'report.released'); return r; }],
  ['GET /reports/{id}/duplicates', ({ id }) => { const r = find(reports, id); return { candidates: incidents.filter((i) => i.state === 'open' && r.lat && i.lat && km(i, r) < 3).map((i) => ({ incident_id: i.id, number: i.number, category: i.category, distance_m: Math.round(km(i, r) * 1000), age_s: Math.round((now() - i.opened_us) / 1e6), score: 0.91, why: ['near', ...(i.category === r.category ? ['same_category'] : []), 'recent'] })) }; }],
  ['POST /reports/{id}/triage', ({ id, body }) => { const r = find(reports, id); for (const k of ['category', 'severity', 'lat', 'lon', 'unit_code']) if (body[k] !== undefined) r[k] = body[k]; if (body.decision === 'open_incident') { const incident = openIncident(r); return { report: r, incident }; } Object.assign(changed(r), { state: 'closed', closure: body.decision, incident_id: body.incident_id }); event('report', id, 'report.triaged', { closure: body.decision }); if (body.incident_id) { const i = find(incidents, body.incident_id); changed(i).report_ids.push(id); event('incident', i.id, 'incident.report_attached', { report_id: id }); return { report: r, incident: i }; } return { report: r }; }],
  ['GET /incidents', ({ q }) => ({ incidents: (byIds(incidents, q) ?? incidents.filter((i) => (!q.get('state') || i.state === q.get('state')) && (!q.get('before') || i.opened_us < Number(q.get('before')))).sort((a, b) => b.opened_us - a.opened_us)).slice(0, Number(q.get('limit') ?? 200)) })],
  ['GET /incidents/{id}', ({ id, q }) => { const i = find(incidents, id); const to = Number(q.get('as_of_us') ?? Infinity); return { ...i, ...(i.closed_us > to ? { state: 'open', outcome: undefined, closed_us: undefined } : {}), assignments: i.assignments.filter((a) => a.since_us <= to), personal: { place_text: personal.get(i.report_ids[0])?.place_text, summary: i.summary }, reports: i.report_ids.map((r) => detail(find(reports, r))), notes: (notes.get(id) ?? []).filter((n) => n.at_us <= to), attachments: attachments.filter((a) => a.incident_id === id && a.at_us <= to) }; }],
  ['GET /incidents/{id}/timeline', ({ id }) => { const i = find(incidents, id); return { events: journal.filter((e) => e.stream.id === id || i.report_ids.includes(e.stream.id)).sort((a, b) => a.at_us - b.at_us).map((e) => ({ sequence: e.sequence, at_us: e.at_us, actor: e.actor, type: e.type, text_key: `timeline.${e.type}`, detail: e.body })) }; }],
  ['POST /incidents/{id}/notes', ({ id, body }) => { const i = changed(find(incidents, id)); const n = { id: randomUUID(), author_id: me.id, at_us: now(), text: body.text }; notes.set(id, [...(notes.get(id) ?? []), n]); i.note_count += 1; event('incident', id, 'incident.note_added', { note_id: n.id }); return i; }],
  ['POST /incidents/{id}/attachments', ({ id, raw, req }) => { const i = changed(find(incidents, id)); const a = { id: randomUUID(), incident_id: id, name: decodeURIComponent(req.headers['x-file-name']), media_type: req.headers['content-type'], size_bytes: raw.length, sha256: createHash('sha256').update(raw).digest('hex'), at_us: now(), author_id: me.id }; attachments.push(a); i.attachment_count += 1; event('incident', id, 'incident.attachment_added', { attachment_id: a.id }); return i; }],
  ['POST /incidents/{id}/assignments', ({ id, body }) => { const i = find(incidents, id); const u = find(units, body.unit_id); if (u.status !== 'available') throw new Refusal(409, 'incidents.unit_not_available'); assign(i, u, ''); i.version += 1; event('unit', u.id, 'unit.status_changed', { status: u.status }); return i; }],
  ['POST /incidents/{id}/assignments/{unit_id}/status', ({ id, unit_id, body }) => { const i = find(incidents, id); const u = find(units, unit_id); milestone(i, u, body.status); event('unit', u.id, 'unit.status_changed', { status: u.status }); return i; }],
  ['POST /incidents/{id}/classification', ({ id, body }) => { const i = Object.assign(changed(find(incidents, id)), body); event('incident', id, 'incident.classified', body); return i; }],
  ['POST /incidents/{id}/close', ({ id, body }) => { const i = find(incidents, id); for (const a of i.assignments) if (a.status !== 'released') { milestone(i, find(units, a.unit_id), 'released'); event('unit', a.unit_id, 'unit.status_changed', { status: 'available' }); } Object.assign(changed(i), { state: 'closed', outcome: body.outcome, summary: body.summary, closed_us: now() }); event('incident', id, 'incident.closed', { outcome: body.outcome }); return i; }],
  ['POST /incidents/{id}/reopen', ({ id }) => { const i = find(incidents, id); Object.assign(changed(i), { state: 'open', outcome: undefined, closed_us: undefined }); event('incident', id, 'incident.reopened'); return i; }],
  ['GET /units', ({ q }) => ({ units: byIds(units, q) ?? units })],
  ['POST /units', ({ body }) => { const u = { id: randomUUID(), status: 'available', version: 1, position_us: now(), ...body }; units.push(u); event('unit', u.id, 'unit.registered', { kind: u.kind }); return u; }],
  ['POST /units/{id}/status', ({ id, body }) => { const u = Object.assign(changed(find(units, id)), body); event('unit', id, 'unit.status_changed', body); return u; }],
  ['GET /situation', ({ q }) => situation(q.get('as_of_us') ? Number(q.get('as_of_us')) : undefined)],
  ['GET /situation/activity', ({ q }) => ({ bins: bins.slice(-12 * Number(q.get('hours') ?? 24)) })],
  ['GET /cameras', ({ q }) => ({ cameras: byIds(cameras, q) ?? cameras })],
  ['POST /cameras', ({ body }) => { const c = changed(cameraFrom(body)); cameras.push(c); event('camera', c.id, 'camera.registered'); return c; }],
  ['PUT /cameras/{id}', ({ id, body }) => { const c = find(cameras, id); Object.assign(c, changed(cameraFrom(body, c))); event('camera', id, 'camera.changed'); return c; }],
  ['POST /cameras/{id}/disable', ({ id }) => { const c = Object.assign(changed(find(cameras, id)), { state: 'disabled', recording: false, state_since_us: now() }); event('camera', id, 'camera.disabled'); return c; }],
  ['POST /cameras/{id}/enable', ({ id }) => { const c = Object.assign(changed(find(cameras, id)), { state: 'online', recording: true, state_since_us: now() }); event('camera', id, 'camera.enabled'); return c; }],
  ['POST /cameras/{id}/media-ticket', ({ id }) => ({ url: `ws://localhost:${port}`, ticket: id, expires_us: now() + 5 * minute })],
  ['GET /journal/events', ({ q }) => { const limit = Number(q.get('limit') ?? 200); const list = q.get('stream') ? journal.filter((e) => `${e.stream.kind}:${e.stream.id}` === q.get('stream')) : journal; const from = Number(q.get('from') ?? Math.max(1, journal.length - limit + 1)); return { events: list.filter((e) => e.sequence >= from).slice(0, limit), head: journal.length }; }],
  ['POST /journal/verify', () => ({ ok: true, events: journal.length, head: journal.length, anchored_sequence: journal.length - 2, anchored_us: now() - 4_000_000, problems: [] })],
  ['GET /journal/roots', () => ({ roots: Array.from({ length: 12 }, (_, i) => ({ sequence: journal.length - 2 - i * 5, hash: createHash('sha256').update(String(i)).digest('hex'), at_us: now() - 4_000_000 - i * 10_000_000, signature: createHash('sha512').update(String(i)).digest('base64url'), where: 'file' })) })],
  ['GET /processes', () => ({ processes: [['core', 'running', 0], ['recorder-1', 'running', 1], ['sim', 'backing_off', 3]].map(([name, state, restarts], i) => ({ name, state, restarts, ...(state === 'running' ? { pid: 4120 + i, cpu_s: 31.4 * (i + 1), memory_bytes: 1.1e8 * (i + 1) } : {}), since_us: now() - (300 - i * 90) * minute, ...(restarts ? { last_exit: 'signal 9' } : {}) })) })],
  ['GET /nodes', () => ({ nodes: [{ id: randomUUID(), kind: 'recorder', name: 'recorder-1', version: '0.1.0', state: 'connected', last_seen_us: now() - 2_000_000, clock_offset_us: 420, spooled: 0, address: '127.0.0.1' }, { id: randomUUID(), kind: 'recorder', name: 'recorder-2', version: '0.1.0', state: 'away', last_seen_us: now() - 12 * minute, clock_offset_us: -18_000, spooled: 214, address: '10.20.0.12' }] })],
].map(([key, run]) => {
  const [method, path] = key.split(' ');
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
  return { method, names, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`), run };
});

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
// The policy the core sends, so that what it forbids is noticed here.
const policy = "default-src 'self'; script-src 'self'; connect-src 'self' ws://localhost:*; worker-src 'self' blob:; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const server = createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  const say = (status, body, type = 'application/json') => {
    res.writeHead(status, { 'Content-Type': type });
    res.end(type === 'application/json' && body !== undefined ? JSON.stringify(body) : body);
  };
  if (url.pathname === '/healthz') return say(200, { status: 'ok' });
  if (url.pathname === '/media/spans') return say(200, spans(Number(url.searchParams.get('from_us')), Number(url.searchParams.get('to_us'))));
  if (url.pathname.startsWith('/api/v1/attachments/')) return say(200, 'fixture', 'application/octet-stream');
  if (url.pathname.startsWith('/api/v1/')) {
    const chunks = [];
    for await (const c of req) chunks.push(c);
    const raw = Buffer.concat(chunks);
    const path = url.pathname.slice(7);
    for (const r of routes) {
      const m = r.method === req.method && r.pattern.exec(path);
      if (!m) continue;
      try {
        const body = raw.length && /json/.test(req.headers['content-type'] ?? '') ? JSON.parse(raw) : undefined;
        const params = Object.fromEntries(r.names.map((n, i) => [n, m[i + 1]]));
        const answer = r.run({ ...params, q: url.searchParams, body, raw, req });
        return answer === undefined ? say(204) : say(200, answer);
      } catch (e) {
        return say(e.status ?? 500, { error: { code: e.code ?? 'http.internal', message: e.message, field: '', ...e.extra } });
      }
    }
    return say(404, { error: { code: 'http.not_found', message: path, field: '' } });
  }
  const file = join(dist, url.pathname);
  const found = extname(file) && existsSync(file) ? file : join(dist, 'index.html');
  res.setHeader('Content-Security-Policy', policy);
  say(200, readFileSync(found), types[extname(found)] ?? 'application/octet-stream');
});

// ---- pictures: one encoder for all cameras
const media = { init: undefined, last: undefined, sockets: new Set(), encoder: undefined };
function encode() {
  media.encoder ??= (() => {
    const p = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=12', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '12', '-movflags', 'empty_moov+default_base_moof+frag_keyframe', '-f', 'mp4', '-']);
    let rest = Buffer.alloc(0), head = [], part = [];
    p.stdout.on('data', (d) => {
      rest = Buffer.concat([rest, d]);
      while (rest.length >= 8 && rest.length >= rest.readUInt32BE(0)) {
        const size = rest.readUInt32BE(0), type = rest.toString('latin1', 4, 8), box = rest.subarray(0, size);
        rest = rest.subarray(size);
        if (type === 'ftyp' || type === 'moov') { head.push(box); if (type === 'moov') media.init = Buffer.concat(head); }
        else if (type === 'moof') part = [box];
        else if (type === 'mdat') { const f = Buffer.concat([...part, box]); for (const s of media.sockets) s.take(f); }
      }
    });
    return p;
  })();
}
function spans(from, to) {
  const gap = { start_us: now() - 95 * minute, end_us: now() - 81 * minute, cause: 'stream_stalled' };
  const list = [];
  for (let t = Math.ceil(from / minute) * minute; t < Math.min(to, now()); t += minute) if (t < gap.start_us || t >= gap.end_us) list.push({ start_us: t, end_us: t + minute, bytes: 9_000_000 });
  return { spans: list, gaps: [gap].filter((g) => g.end_us > from && g.start_us < to) };
}
const sockets = new WebSocketServer({ server });
sockets.on('connection', (ws, req) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/api/v1/watch') {
    watchers.add(ws);
    const from = Number(url.searchParams.get('from') ?? journal.length);
    const missed = journal.slice(from).map(({ version, hash, ...e }) => e);
    if (missed.length) ws.send(JSON.stringify({ events: missed }));
    ws.on('close', () => watchers.delete(ws));
    return;
  }
  encode();
  let position = Number(url.searchParams.get('start_us') ?? 0), paused = false, started = false;
  ws.send(JSON.stringify({ mime: 'video/mp4; codecs="avc1.42C01E"' }));
  const sink = {
    take(f) {
      if (!media.init || paused) return;
      if (!started) { ws.send(media.init); started = true; }
      if (position) { ws.send(JSON.stringify({ position_us: position })); position += 1_000_000; }
      ws.send(f);
    },
  };
  ws.on('message', (m) => { const o = JSON.parse(m); if (o.seek_us) { position = o.seek_us; ws.send(JSON.stringify({ sought_us: o.seek_us })); } if ('pause' in o) paused = o.pause; });
  media.sockets.add(sink);
  ws.on('close', () => {
    media.sockets.delete(sink);
    if (media.sockets.size === 0) { media.encoder?.kill(); Object.assign(media, { encoder: undefined, init: undefined }); }
  });
});

if (process.argv.includes('--live')) {
  setInterval(() => {
    const positions = units.filter((u) => u.status !== 'unavailable').map((u) => {
      if (random() < 0.2) u.heading_deg = (u.heading_deg + (random() - 0.5) * 80 + 360) % 360;
      const step = 0.0006, a = (u.heading_deg * Math.PI) / 180;
      u.lat += Math.cos(a) * step;
      u.lon += Math.sin(a) * step;
      u.position_us = now();
      return { unit_id: u.id, at_us: u.position_us, lat: u.lat, lon: u.lon, heading_deg: u.heading_deg, speed_kmh: 40 };
    });
    for (const w of watchers) w.send(JSON.stringify({ telemetry: { positions } }));
  }, 2000);
  setInterval(() => {
    const [service, category, severity, where, , place_text, narrative] = pick(start);
    addReport({ service, category, severity, ...place(where, random() * 0.02, random() * 0.02), place_text, narrative });
  }, 25_000);
}
server.listen(port, '127.0.0.1', () => console.log(`fixture on http://localhost:${port}`));
