// Many live pictures on one screen: how many tiles run, at how many pictures a second each, how many
// pictures the browser dropped, and what browser and recorder spend for it.
//
//   VONGLAU_URL=https://localhost:8443 node bench/live_tiles.mjs [--tiles 64] [--seconds 30]
//
// Needs a running demonstration with as many cameras (vonglau serve --demonstration --cameras 64)
// on this machine and Chromium, which decodes without a graphics card here.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { launch } from '../tests/e2e/harness.mjs';
import { go, online, signIn } from '../tests/e2e/desk.mjs';

const value = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const url = process.env.VONGLAU_URL ?? 'https://localhost:8443';
const tiles = Number(value('--tiles', '64'));
const seconds = Number(value('--seconds', '30'));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
/** CPU seconds so far of all processes whose command line has these words, and their memory. */
function cost(words) {
  let cpu_s = 0, mb = 0;
  for (const pid of execFileSync('pgrep', ['-f', words], { encoding: 'utf8' }).trim().split('\n')) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
      cpu_s += (Number(fields[11]) + Number(fields[12])) / 100;
      mb += Number(/Pss:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024;
    } catch {
      // It has ended.
    }
  }
  return { cpu_s, mb: Math.round(mb) };
}

const browser = await launch(url);
try {
  const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 } })).newPage();
  await signIn(page, url, { login: 'ky-thuat', password: 'vong-lau-thu' });
  await online(page);
  await page.evaluate((size) => localStorage.setItem('vonglau.wall.size', JSON.stringify(size)), tiles);
  const begun = performance.now();
  await page.goto(`${url}/wall`);
  await online(page);
  const looks = () => page.evaluate(() => [...document.querySelectorAll('video')].map((v) => {
    const q = v.getVideoPlaybackQuality();
    return { shown: q.totalVideoFrames - q.droppedVideoFrames, dropped: q.droppedVideoFrames, width: v.videoWidth };
  }));
  let running = 0, first_s = NaN;
  for (let i = 0; i < 120 && running < tiles; i += 1) {
    await pause(500);
    running = (await looks()).filter((l) => l.shown > 0).length;
    if (running > 0 && Number.isNaN(first_s)) first_s = (performance.now() - begun) / 1000;
  }
  const all_s = (performance.now() - begun) / 1000;
  await pause(5000);
  const costs = { browser: 'chromium', recorder: 'vonglau.* record$', simulator: 'vonglau.* sim$' };
  const before = Object.fromEntries(Object.entries(costs).map(([k, words]) => [k, cost(words)]));
  const from = await looks();
  await pause(seconds * 1000);
  const to = await looks();
  const per_s = to.map((l, i) => (l.shown - from[i].shown) / seconds).sort((a, b) => a - b);
  const dropped = to.reduce((all, l, i) => all + l.dropped - from[i].dropped, 0);
  const shown = to.reduce((all, l, i) => all + l.shown - from[i].shown, 0);
  const at = (share) => per_s[Math.min(per_s.length - 1, Math.floor(share * per_s.length))]?.toFixed(1);
  console.log(`${to.length} tiles of ${Math.max(...to.map((l) => l.width))} pixels and less, ${running} running: the first after ${first_s.toFixed(1)} s, all after ${all_s.toFixed(1)} s`);
  console.log(`pictures a second of a tile: least ${at(0)}, median ${at(0.5)}, most ${at(1)}; ${shown} shown, ${dropped} dropped in ${seconds} s`);
  for (const [name, words] of Object.entries(costs)) {
    const now = cost(words);
    console.log(`  ${name}: ${((now.cpu_s - before[name].cpu_s) / seconds).toFixed(2)} cores, ${now.mb} MB`);
  }
  console.log(`load of the machine: ${loadavg().map((l) => l.toFixed(1)).join(' ')}`);
  if (value('--screenshot', '')) await page.screenshot({ path: value('--screenshot', '') });
} finally {
  await browser.close();
}
