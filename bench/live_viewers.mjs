// One camera's live picture for many viewers: what the recorder spends for each gigabyte that it
// sends, how far the viewers are apart, and whether any of them missed a picture. Beside it, in the
// same run, a bare TLS sender that writes the same pieces to as many connections and does nothing
// else: what TLS and the system's sockets cost by themselves.
//
//   VONGLAU_URL=https://localhost:8443 node bench/live_viewers.mjs [--viewers 200] [--seconds 20]
//
// Needs a running demonstration (./run) on this machine and Chromium, for signing in. The viewers
// are one more process: it reads what comes and the number of each piece, and decodes nothing.
import { spawn, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { connect, createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';

const value = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const viewers = Number(value('--viewers', '200'));
const seconds = Number(value('--seconds', '20'));
const role = value('--role', 'lead');
const told = (message) => process.stdout.write(JSON.stringify(message) + '\n');
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
/** CPU seconds of a process so far. */
function cpu_s(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
const memory_mb = (pid) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024);

/** The number of an fMP4 segment (mfhd), or nothing. */
function number_in(payload) {
  const at = payload.indexOf('mfhd');
  return at < 0 || at > 64 ? undefined : payload.readUInt32BE(at + 8);
}
/** Whole messages of a stream of WebSocket frames from a server, or of bare length-led pieces. */
function reader(on_piece, bare) {
  let held = Buffer.alloc(0);
  return (data) => {
    held = held.length ? Buffer.concat([held, data]) : data;
    for (;;) {
      if (held.length < 4) return;
      let head = bare ? 4 : 2;
      let size = bare ? held.readUInt32BE(0) : held[1] & 127;
      if (!bare && size === 126) (size = held.readUInt16BE(2)), (head = 4);
      else if (!bare && size === 127) {
        if (held.length < 10) return;
        (size = Number(held.readBigUInt64BE(2))), (head = 10);
      }
      if (held.length < head + size) return;
      if (bare || (held[0] & 15) === 2) on_piece(held.subarray(head, head + size));
      held = held.subarray(head + size);
    }
  };
}

/** Connects all viewers and tells, once, what they saw. */
async function view() {
  const address = new URL(value('--address'));
  const bare = address.protocol === 'bare:';
  const arrivals = new Map(); // number of a piece -> first, last, count
  const of_viewer = [];
  let bytes = 0, closed = 0, counting = false;
  const one = (i) => new Promise((ready, failed) => {
    const seen = (of_viewer[i] = { last: undefined, missed: 0 });
    const socket = connect({ host: 'localhost', port: Number(address.port), rejectUnauthorized: false });
    const read = reader((piece) => {
      const now = performance.now();
      const number = number_in(piece);
      if (counting) bytes += piece.length;
      if (number === undefined) return;
      if (seen.last !== undefined && number !== seen.last + 1) seen.missed += number - seen.last - 1;
      seen.last = number;
      if (!counting) return;
      const of_piece = arrivals.get(number);
      if (!of_piece) arrivals.set(number, { first: now, last: now, count: 1 });
      else (of_piece.last = now), (of_piece.count += 1);
    }, bare);
    let upgraded = bare, head = '';
    socket.on('secureConnect', () => {
      if (bare) return ready();
      socket.write(`GET ${address.pathname}${address.search} HTTP/1.1\r\nHost: localhost:${address.port}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nOrigin: ${value('--origin')}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`);
    });
    socket.on('data', (data) => {
      if (upgraded) return read(data);
      head += data.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!head.startsWith('HTTP/1.1 101')) return failed(new Error(head.slice(0, 400)));
      upgraded = true;
      const rest = Buffer.from(head.slice(end + 4), 'latin1');
      ready();
      if (rest.length) read(rest);
    });
    socket.on('close', () => (closed += 1));
    socket.on('error', failed);
  });
  for (let i = 0; i < viewers; i += 20) await Promise.all(Array.from({ length: Math.min(20, viewers - i) }, (_, k) => one(i + k)));
  await pause(2000);
  const own = process.cpuUsage();
  counting = true;
  told({ counting: true });
  await pause(seconds * 1000);
  counting = false;
  const used = process.cpuUsage(own);
  const whole = [...arrivals.values()].filter((a) => a.count === viewers).map((a) => a.last - a.first).sort((a, b) => a - b);
  const at = (share) => whole[Math.min(whole.length - 1, Math.floor(share * whole.length))] ?? NaN;
  told({ bytes, pieces: arrivals.size, whole: whole.length, missed: of_viewer.reduce((all, v) => all + v.missed, 0), closed,
    apart_p50: at(0.5), apart_p95: at(0.95), apart_most: at(1), own_cpu_s: (used.user + used.system) / 1e6 });
  process.exit(0);
}

/** The bare sender: the pieces of one second of the same size, over and over. */
function send() {
  const [key, cert] = [value('--key'), value('--cert')].map((path) => readFileSync(path));
  const sizes = JSON.parse(value('--sizes'));
  const sockets = new Set();
  const server = createServer({ key, cert }, (socket) => {
    sockets.add(socket.setNoDelay(true));
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  let number = 0;
  const every_ms = 1000 / sizes.length;
  const begun = performance.now();
  const tick = () => {
    const size = sizes[number % sizes.length];
    const piece = Buffer.alloc(size + 4);
    piece.writeUInt32BE(size, 0);
    piece.write('mfhd', 4 + 12, 'latin1');
    piece.writeUInt32BE(++number, 4 + 20);
    for (const socket of sockets) socket.write(piece);
    setTimeout(tick, Math.max(0, begun + number * every_ms - performance.now()));
  };
  server.listen(0, '127.0.0.1', () => {
    told({ port: server.address().port });
    tick();
  });
}

/** Starts this file in a role; the object's `next()` gives what it tells. */
function start(role, ...more) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--role', role, '--viewers', String(viewers), '--seconds', String(seconds), ...more],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = [];
  let waiting, text = '';
  child.stdout.on('data', (data) => {
    text += data;
    const parts = text.split('\n');
    text = parts.pop();
    lines.push(...parts.map((p) => JSON.parse(p)));
    if (waiting && lines.length) waiting(lines.shift()), (waiting = undefined);
  });
  child.on('exit', (code) => waiting?.({ failed: code }));
  return { child, next: () => new Promise((done) => (lines.length ? done(lines.shift()) : (waiting = done))) };
}
async function measure(what, pid, address, origin) {
  await pause(1000);
  const idle_from = cpu_s(pid);
  await pause(5000);
  const idle = (cpu_s(pid) - idle_from) / 5;
  const crowd = start('view', '--address', address, '--origin', origin);
  const ready = await crowd.next();
  if (!ready.counting) throw new Error(`${what}: the viewers did not connect`);
  const from = cpu_s(pid);
  const seen = await crowd.next();
  const used = cpu_s(pid) - from - idle * seconds;
  const gb = seen.bytes / 1e9;
  return { what, ...seen, gb, idle, used, per_gb: used / gb, memory: memory_mb(pid) };
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
  const ticket = (await call(page, 'POST', `/cameras/${camera.id}/media-ticket`, { purpose: 'live' })).body;
  await browser.close();
  const address = `${ticket.url}/media/live?${new URLSearchParams({ ticket: ticket.ticket, stream: 'main' })}`;
  const pid = Number(/pid=(\d+)/.exec(execFileSync('ss', ['-ltnpH', `sport = :${new URL(address).port}`], { encoding: 'utf8' }))[1]);
  const ours = await measure('ours', pid, address, url);
  // Pieces as large as those were.
  const per_s = Math.max(1, Math.round(ours.pieces / seconds));
  const sizes = new Array(per_s).fill(Math.round(ours.bytes / viewers / ours.pieces));
  const dir = value('--folder', '/tmp');
  const files = [`${dir}/live-viewers-${process.pid}.key`, `${dir}/live-viewers-${process.pid}.pem`];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=localhost', '-keyout', files[0], '-out', files[1]], { stdio: 'ignore' });
  const sender = start('send', '--key', files[0], '--cert', files[1], '--sizes', JSON.stringify(sizes));
  const { port } = await sender.next();
  execFileSync('rm', ['-f', ...files]);
  const bare = await measure('bare TLS', sender.child.pid, `bare://localhost:${port}/`, '');
  sender.child.kill();
  console.log(`${camera.code}: ${viewers} viewers, ${seconds} s, pieces of ${sizes[0]} bytes, ${per_s} a second`);
  console.log('| sender   | GB | CPU-s/GB | to ours | cores | MB | missed | closed | viewers apart ms: p50 | p95 | most |');
  console.log('|----------|---:|---------:|--------:|------:|---:|-------:|-------:|----------------------:|----:|-----:|');
  for (const r of [ours, bare])
    console.log(`| ${r.what} | ${r.gb.toFixed(2)} | ${r.per_gb.toFixed(2)} | ${(r.per_gb / ours.per_gb).toFixed(2)} | ${(r.used / seconds).toFixed(2)} | ${r.memory} | ${r.missed} | ${r.closed} | ${r.apart_p50.toFixed(1)} | ${r.apart_p95.toFixed(1)} | ${r.apart_most.toFixed(1)} |`);
  console.log(`the viewers' own process: ${ours.own_cpu_s.toFixed(1)} CPU-s; load of the machine: ${loadavg().map((l) => l.toFixed(1)).join(' ')}`);
  process.exit(0);
}

if (role === 'view') await view();
else if (role === 'send') send();
else await lead();
