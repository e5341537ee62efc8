// One camera over HLS for many players: how far behind the present they are, and what the recorder
// spends for each gigabyte that it serves.
//
//   VONGLAU_URL=https://localhost:8443 node bench/hls_players.mjs [--players 50] [--seconds 30]
//
// Needs a running demonstration (./run) on this machine and Chromium, for signing in. The players
// are one more process: each has a connection of its own over TLS, asks for the list as often as
// RFC 8216 (6.3.4) lets it, takes every segment once and decodes nothing. Segments say when their
// first picture was taken (EXT-X-PROGRAM-DATE-TIME), by the recorder's clock, which is ours here.
import { spawn, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const value = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const players = Number(value('--players', '50'));
const seconds = Number(value('--seconds', '30'));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const told = (message) => process.stdout.write(JSON.stringify(message) + '\n');
function cpu_s(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
const memory_mb = (pid) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024);

/** Plays for everybody and tells what was seen while it counted. */
async function play() {
  const address = value('--address');
  let counting = false, stopped = false, bytes = 0, lists = 0, refused = 0, missed = 0;
  const of_list = []; // age of the newest picture when a list first names its segment
  const of_first = []; // age of a segment's first picture when all of it has come
  let target_s = 0;
  const fetch_with = (agent) => (url) => new Promise((done, failed) => {
    const began = performance.now();
    get(url, { agent, rejectUnauthorized: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => done({ status: answer.statusCode, body: Buffer.concat(parts), ms: performance.now() - began }));
    }).on('error', failed);
  });
  const of_segment = [];
  async function one(i) {
    const fetch = fetch_with(new Agent({ keepAlive: true, maxSockets: 1 }));
    let last_sequence;
    await pause((i / players) * 1000);
    while (!stopped) {
      const asked = performance.now();
      const list = await fetch(address);
      if (counting) (lists += 1), (bytes += list.body.length);
      if (list.status !== 200) {
        refused += 1;
        await pause(1000);
        continue;
      }
      const text = list.body.toString();
      target_s = Number(/TARGETDURATION:(\d+)/.exec(text)[1]);
      const sequence = Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)[1]);
      const segments = [...text.matchAll(/PROGRAM-DATE-TIME:(\S+)\n#EXTINF:([\d.]+),\n(\S+)/g)]
        .map(([, at, length, name], k) => ({ at: Date.parse(at), length: Number(length) * 1000, name, number: sequence + k }));
      let is_new = false;
      for (const segment of last_sequence === undefined ? segments.slice(-1) : segments) {
        if (last_sequence !== undefined && segment.number <= last_sequence) continue;
        if (last_sequence !== undefined) missed += segment.number - last_sequence - 1;
        last_sequence = segment.number;
        is_new = true;
        if (counting) of_list.push(Date.now() - segment.at - segment.length);
        const got = await fetch(new URL(segment.name, address));
        if (got.status !== 200) refused += 1;
        if (!counting) continue;
        bytes += got.body.length;
        of_segment.push(got.ms);
        of_first.push(Date.now() - segment.at);
      }
      // Half a target duration when nothing was new, a whole one when something was.
      await pause(Math.max(50, target_s * (is_new ? 1000 : 500) - (performance.now() - asked)));
    }
  }
  const all = Array.from({ length: players }, (_, i) => one(i));
  await pause(8000);
  const own = process.cpuUsage();
  counting = true;
  told({ counting: true });
  await pause(seconds * 1000);
  counting = false;
  const used = process.cpuUsage(own);
  const at = (of, share) => of.sort((a, b) => a - b)[Math.min(of.length - 1, Math.floor(share * of.length))];
  told({ bytes, lists, refused, missed, target_s, segments: of_first.length,
    list: [at(of_list, 0.5), at(of_list, 0.95)], first: [at(of_first, 0.5), at(of_first, 0.95)],
    segment: [at(of_segment, 0.5), at(of_segment, 0.95)], own_cpu_s: (used.user + used.system) / 1e6 });
  stopped = true;
  await Promise.race([Promise.all(all), pause(5000)]);
  process.exit(0);
}

async function lead() {
  const { launch } = await import('../tests/e2e/harness.mjs');
  const { call, online, signIn } = await import('../tests/e2e/desk.mjs');
  const url = process.env.VONGLAU_URL ?? 'https://localhost:8443';
  const browser = await launch(url);
  const page = await (await browser.newContext()).newPage();
  await signIn(page, url, { login: 'ky-thuat', password: 'vong-lau-thu' });
  await online(page);
  const cameras = (await call(page, 'GET', '/cameras')).body.cameras.filter((c) => c.state === 'online').sort((a, b) => (a.code < b.code ? 1 : -1));
  const camera = cameras.find((c) => c.code === value('--camera', cameras[0]?.code));
  if (!camera) throw new Error('no camera is online');
  const given = await call(page, 'POST', `/cameras/${camera.id}/player-addresses`, { shows: 'live', hours: 1 });
  if (given.status >= 300) throw new Error(`no address: ${JSON.stringify(given.body)}`);
  await browser.close();
  const address = given.body.url;
  const pid = Number(/pid=(\d+)/.exec(execFileSync('ss', ['-ltnpH', `sport = :${new URL(address).port}`], { encoding: 'utf8' }))[1]);
  await pause(1000);
  const idle_from = cpu_s(pid);
  await pause(5000);
  const idle = (cpu_s(pid) - idle_from) / 5;
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--role', 'play', '--players', String(players),
    '--seconds', String(seconds), '--address', address], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '', from;
  for await (const data of child.stdout) {
    text += data;
    if (from === undefined && text.includes('\n')) from = cpu_s(pid);
  }
  const used = cpu_s(pid) - from - idle * seconds;
  const r = JSON.parse(text.trim().split('\n').at(-1));
  const gb = r.bytes / 1e9;
  const s = (ms) => (ms / 1000).toFixed(1);
  console.log(`${camera.code}: ${players} players, ${seconds} s, target duration ${r.target_s} s, ${r.segments} segments and ${r.lists} lists served`);
  console.log('| GB | CPU-s/GB | CPU-s per player and hour | MB | missed | refused | newest picture listed after s: p50 | p95 | first picture of a segment held after s: p50 | p95 | a segment takes ms: p50 | p95 |');
  console.log('|---:|---------:|--------------------------:|---:|-------:|--------:|-----------------------------------:|----:|---------------------------------------------:|----:|------------------------:|----:|');
  console.log(`| ${gb.toFixed(2)} | ${(used / gb).toFixed(2)} | ${((used / players / seconds) * 3600).toFixed(1)} | ${memory_mb(pid)} | ${r.missed} | ${r.refused} | ${s(r.list[0])} | ${s(r.list[1])} | ${s(r.first[0])} | ${s(r.first[1])} | ${r.segment[0].toFixed(1)} | ${r.segment[1].toFixed(1)} |`);
  console.log(`a player that begins three target durations back, as most do, is ${s(r.list[0] + 3000 * r.target_s)} s behind at the median`);
  console.log(`the players' own process: ${r.own_cpu_s.toFixed(1)} CPU-s; load of the machine: ${loadavg().map((l) => l.toFixed(1)).join(' ')}`);
  process.exit(0);
}

if (value('--role', 'lead') === 'play') await play();
else await lead();
