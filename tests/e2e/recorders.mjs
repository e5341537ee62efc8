// Two recorders, each a process of its own, and one export of cameras of both. In a centre of its
// own: a second recorder would take cameras from the other tests.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get as httpsGet } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findCentre, freePort, program } from './centre.mjs';
import { call, online, personFor, signIn } from './desk.mjs';
import { check } from './exports.mjs';
import { equal, expect, launch, skip, test, until } from './harness.mjs';

/** Another recorder of the same site: the first one's settings under a name, a port and folders of its own. */
async function startRecorder(settings, name) {
  const port = await freePort();
  const text = readFileSync(settings, 'utf8');
  const part = (section, changes) => (before) => {
    const at = before.indexOf(`[${section}]`);
    let rest = before.slice(at);
    for (const [key, value] of Object.entries(changes)) rest = rest.replace(new RegExp(`^${key} = .*$`, 'm'), `${key} = ${JSON.stringify(value)}`);
    return before.slice(0, at) + rest;
  };
  const own = [part('folders', { data: name, footage: `${name}/footage` }), part('recorder', { name, port })].reduce((t, change) => change(t), text);
  const file = join(dirname(settings), `${name}.toml`);
  writeFileSync(file, own);
  // Its keys are the site's: on another machine the enrolment key and the authority are copied there.
  return spawn(program(), ['--config', file, 'record'], { stdio: process.env.VONGLAU_E2E_LOG ? 'inherit' : 'ignore' });
}

/** Follows a ticket as a program would, without a browser. */
function fetchTo(url, file) {
  return new Promise((resolve, reject) => {
    httpsGet(url, { rejectUnauthorized: false }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => {
        writeFileSync(file, Buffer.concat(pieces));
        resolve(answer.statusCode);
      });
    }).on('error', reject);
  });
}

export function register() {
  test('cameras of two recorders become one export that anybody can check', async () => {
    if (process.env.VONGLAU_URL) skip('needs a centre of its own');
    if (!process.env.VONGLAU_LONG) skip('starts a second demonstration and takes minutes: VONGLAU_LONG=1 runs it');
    const centre = await findCentre({ own: true, cameras: 10 });
    if (!centre) skip('no vonglau to start');
    let second;
    const here = mkdtempSync(join(tmpdir(), 'vonglau-two-'));
    const browser = await launch(centre.url);
    try {
      const asker = await signIn(await browser.newPage(), centre.url, personFor(centre.about, 'dieu-phoi'));
      await online(asker);
      const officer = await signIn(await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage(), centre.url, personFor(centre.about, 'truc-ban'));
      await online(officer);
      second = await startRecorder(centre.settings, 'recorder-2');
      // Which recorder has which camera is told by their tickets.
      const byRecorder = new Map();
      await until(async () => {
        byRecorder.clear();
        for (const c of (await call(asker, 'GET', '/cameras')).body.cameras.filter((c) => c.state === 'online')) {
          const { url } = (await call(asker, 'POST', `/cameras/${c.id}/media-ticket`, { purpose: 'live' })).body;
          byRecorder.set(url, [...(byRecorder.get(url) ?? []), c]);
        }
        return byRecorder.size === 2;
      }, 'cameras that stream at both recorders', 120_000);
      const cameras = [...byRecorder.values()].map((list) => list[0]);
      const { number, id } = await (async () => {
        const from = Date.now() * 1000;
        // Footage of both over some seconds, that both have on disk.
        await until(() => Date.now() * 1000 > from + 14e6, 'fourteen seconds', 30_000);
        const number = `VA-${Date.now() % 1_000_000_000}`;
        const file = (await call(asker, 'POST', '/cases', { number, kind: 'criminal' })).body.id;
        const asked = await call(asker, 'POST', '/exports', {
          case_id: file, camera_ids: cameras.map((c) => c.id), from_us: from, to_us: from + 10e6, purpose: 'investigation', reason: 'hai máy ghi',
        });
        equal(asked.status, 200, JSON.stringify(asked.body));
        return { number, id: asked.body.id };
      })();
      const shown = async () => (await call(asker, 'GET', `/exports/${id}`)).body;
      await until(async () => (await shown()).locked_us, 'both hold their footage');
      equal((await shown()).recorders.length, 2, 'recorders');
      equal((await call(officer, 'POST', `/exports/${id}/approve`, {})).status, 200, 'approved');
      await until(async () => ['ready', 'failed'].includes((await shown()).state), 'it is made', 90_000);
      const made = await shown();
      equal(made.state, 'ready', made.failure);
      equal(made.recorders[1].part, 'made', 'the part of the second');
      const ticket = (await call(asker, 'POST', `/exports/${id}/download-ticket`, {})).body;
      equal(await fetchTo(`${ticket.url}?ticket=${encodeURIComponent(ticket.ticket)}`, join(here, 'export.zip')), 200, 'fetched');
      await until(async () => (await shown()).downloads === 1, 'one download is counted');
      execFileSync('unzip', ['-q', join(here, 'export.zip'), '-d', here]);
      const folder = join(here, readdirSync(here).find((n) => n !== 'export.zip'));
      const { key } = (await call(asker, 'GET', '/exports/key')).body;
      const good = check(folder, key);
      equal(good.report.verdict, 'valid', JSON.stringify(good.report.findings));
      equal(good.report.case_number, number, 'case');
      const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
      equal(manifest.streams.map((s) => s.recorder).sort().join(' '), 'recorder-1 recorder-2', 'who recorded what');
      expect(manifest.streams.every((s) => s.footage.length > 0), 'footage of both');

      // A byte of the part that came from the other recorder.
      const file = join(folder, manifest.streams[1].footage[0].path);
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1] ^= 1;
      writeFileSync(file, bytes);
      const bad = check(folder, key);
      equal(bad.status, 2, 'exit status of an altered part');
      equal(bad.report.findings[0].camera, manifest.streams[1].code, 'the camera is named');
    } finally {
      second?.kill('SIGTERM');
      await browser.close();
      await centre.stop();
      rmSync(here, { recursive: true, force: true });
    }
  });
}
