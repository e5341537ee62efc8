// Finds the centre that the tests talk to: the one of VONGLAU_URL, or a demonstration started here
// and ended with the tests.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Small client of the tests' own; the certificate is checked by the browser, not here. */
export function get(url) {
  return new Promise((resolve, reject) => {
    const call = request(url, { rejectUnauthorized: false, timeout: 5000 }, (answer) => {
      let text = '';
      answer.on('data', (d) => (text += d));
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
    });
    call.on('timeout', () => call.destroy(new Error('timeout')));
    call.on('error', reject);
    call.end();
  });
}

export function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export function program() {
  const named = process.env.VONGLAU_PROGRAM;
  if (named) return named;
  return ['release', 'dev', 'asan'].map((p) => join(root, 'build', p, 'bin/vonglau')).find((p) => existsSync(p));
}

export async function ready(url, process_, seconds) {
  for (let i = 0; i < seconds * 2; i += 1) {
    if (process_?.exitCode !== null && process_ !== undefined) throw new Error(`vonglau ended with ${process_.exitCode}`);
    const answer = await get(`${url}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(`${url} is not ready after ${seconds} s`);
}

/** { url, about, stop(), control?, settings?, onvif_port? }: control(LINE) speaks to the simulated cameras of a centre started
 * here. Or undefined with the reason printed. A calm province leaves alone what
 * the tests put in: its simulated people are slow, and so hardly answer anything before they do. */
export async function findCentre({ calm = false, own = false, cameras = calm ? 3 : 8 } = {}) {
  const given = process.env.VONGLAU_URL?.replace(/\/$/, '');
  if (given && !own) {
    await ready(given, undefined, 30);
    return { url: given, about: await about(given), stop: async () => {} };
  }
  const path = program();
  if (!path) return undefined;
  const data = mkdtempSync(join(tmpdir(), 'vonglau-e2e-'));
  const port = await freePort();
  const url = `https://localhost:${port}`;
  let child;
  const start = async () => {
    child = spawn(path, ['serve', '--demonstration', '--data', data, '--port', String(port), '--cameras', String(cameras)], {
      stdio: process.env.VONGLAU_E2E_LOG ? 'inherit' : 'ignore',
    });
    await ready(url, child, 120);
  };
  const end = async () => {
    if (child && child.exitCode === null) {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
    }
  };
  // Interrupted or lost, this process leaves no centre behind.
  process.once('exit', () => child?.kill('SIGTERM'));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  const stop = async () => {
    await end();
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await start();
    if (calm) {
      // The settings are written at the first start; from the second on they hold.
      await end();
      const settings = join(data, 'vonglau.toml');
      const text = readFileSync(settings, 'utf8');
      if (!/^speed = /m.test(text)) throw new Error('no demonstration.speed in the settings');
      writeFileSync(settings, text.replace(/^speed = [\d.]+/m, 'speed = 0.1'));
      await start();
    }
    const found = readFileSync(join(data, 'vonglau.toml'), 'utf8').match(/^camera_port = (\d+)/m);
    const control = found && ((line) => tell(Number(found[1]) + 1, line));
    return { url, about: await about(url), stop, control, settings: join(data, 'vonglau.toml'), onvif_port: found && Number(found[1]) + 2 };
  } catch (reason) {
    await stop();
    throw reason;
  }
}

/** One line to the simulated cameras' control port; gives what they answer. */
function tell(port, line) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\n`));
    socket.setEncoding('utf8');
    let text = '';
    socket.on('data', (more) => {
      text += more;
      if (/^(ok|error: .*)\n/m.test(text)) socket.end();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

async function about(url) {
  const answer = await get(`${url}/api/v1/about`);
  if (answer.status !== 200) throw new Error(`/api/v1/about answers ${answer.status}`);
  return JSON.parse(answer.text);
}
