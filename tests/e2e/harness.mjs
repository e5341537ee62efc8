// A small runner for browser tests: one after the other, each with browsers of its own, a picture
// of every open page when one fails, and a last line that says how many passed.
import { createHash, X509Certificate } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:tls';

const web = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = web('playwright-core');
export const axe_source = web('axe-core').source;

const tests = [];
export const test = (name, run, options = {}) => tests.push({ name, run, ...options });
export class Skip extends Error {}
export const skip = (reason) => {
  throw new Skip(reason);
};
/** A measured figure, printed under the test. */
export const say = (text) => console.log(`         ${text}`);
export function expect(condition, what) {
  if (!condition) throw new Error(what);
}
export function equal(got, wanted, what) {
  if (got !== wanted) throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
}

/** Fingerprints of the keys the centre shows, its authority's among them: trusted in the browser,
 * and nothing else is. */
export async function authority(url) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || 443), servername: hostname, rejectUnauthorized: false }, () => {
      const prints = new Set();
      let certificate = socket.getPeerCertificate(true);
      while (certificate?.raw) {
        const key = new X509Certificate(certificate.raw).publicKey.export({ type: 'spki', format: 'der' });
        prints.add(createHash('sha256').update(key).digest('base64'));
        if (certificate.issuerCertificate === certificate) break;
        certificate = certificate.issuerCertificate;
      }
      socket.end();
      resolve([...prints]);
    });
    socket.on('error', reject);
  });
}

export async function launch(url) {
  const prints = url.startsWith('https:') ? await authority(url) : [];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-quic', '--disable-background-networking', '--enable-unsafe-swiftshader', '--use-angle=swiftshader',
      // Without a graphics card only the map is drawn by its stand-in; the page itself is cheaper drawn plainly.
      '--disable-gpu-compositing',
      '--autoplay-policy=no-user-gesture-required',
      ...(prints.length > 0 ? [`--ignore-certificate-errors-spki-list=${prints.join(',')}`] : []),
    ],
  });
}

/** Runs what was registered. Each test gets a world: `open()` gives a page of a new browser session;
 * one opened with `keep` stays until the last test is over, and one with `refuses` may be refused
 * addresses by its Content-Security-Policy. */
export async function runAll({ browser, url, out, only, accept, results }) {
  const kept = [];
  const tell = (name, outcome, reason = '') => {
    if (results) appendFileSync(results, JSON.stringify({ name: `e2e: ${name}`, outcome, reason }) + '\n');
  };
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, run } of tests) {
    if (only && !name.includes(only)) continue;
    const begun = Date.now();
    const contexts = [];
    const complaints = [];
    const open = async ({ keep = false, refuses = false, ...options } = {}) => {
      const context = await browser.newContext({
        viewport: { width: 1366, height: 768 }, locale: 'vi-VN', acceptDownloads: true, ...options,
      });
      (keep ? kept : contexts).push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(Number(process.env.VONGLAU_E2E_TIMEOUT_MS ?? 45_000));
      page.on('pageerror', (e) => complaints.push(`error in the page: ${e.message}`));
      page.on('console', (m) => {
        if (!refuses && /Content Security Policy/.test(m.text())) complaints.push(m.text());
      });
      page.on('request', (r) => {
        const { protocol, host } = new URL(r.url());
        if (['http:', 'https:', 'ws:', 'wss:'].includes(protocol) && !accept(host)) complaints.push(`asked ${host}`);
      });
      return page;
    };
    try {
      await run({ open, url, browser });
      if (complaints.length > 0) throw new Error(complaints[0]);
      counts.passed += 1;
      tell(name, 'passed');
      console.log(`ok       ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    } catch (reason) {
      if (reason instanceof Skip) {
        counts.skipped += 1;
        tell(name, 'skipped', reason.message);
        console.log(`skipped  ${name}: ${reason.message}`);
      } else {
        counts.failed += 1;
        tell(name, 'failed', String(reason.message ?? reason).split('\n')[0]);
        const lines = String(reason.stack ?? reason).split('\n').filter((l) => !/^\[pid=|^<launch/.test(l));
        console.log(`FAILED   ${name}: ${lines.slice(0, 8).join('\n         ')}`);
        for (const c of complaints) console.log(`         ${c}`);
        mkdirSync(out, { recursive: true });
        let n = 0;
        for (const context of [...contexts, ...kept]) {
          for (const page of context.pages()) {
            const file = `${out}/${name.replace(/[^a-z0-9]+/gi, '-')}-${(n += 1)}.png`;
            await page.screenshot({ path: file }).then(() => console.log(`         picture: ${file}`), () => {});
          }
        }
      }
    } finally {
      for (const context of contexts) await context.close().catch(() => {});
    }
  }
  for (const context of kept) await context.close().catch(() => {});
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0;
}

/** Waits until the condition holds; gives the milliseconds it took. */
export async function until(condition, what, within_ms = 45_000) {
  const begun = Date.now();
  for (;;) {
    if (await condition()) return Date.now() - begun;
    if (Date.now() - begun > within_ms) throw new Error(`${what}: not within ${within_ms} ms`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
