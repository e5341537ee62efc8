// How old a live picture is when the browser presents it, read from the clock that the
// simulator's live camera burns into each picture (src/sim, burn_clock): picture taken ->
// encoded -> RTSP -> recorder -> WSS -> MSE -> presented, all on one machine.
//
//   VONGLAU_URL=https://localhost:8443 node bench/live_latency.mjs [--seconds 30] [--camera CODE]
//
// Needs a running demonstration (./run) and Chromium. Prints milliseconds: least, median, p95,
// most, and the load of the machine, without which the figure says little. Then where the time
// goes: until the page had the picture (camera, recorder, network) and from there to the screen.
import { loadavg } from 'node:os';
import { launch } from '../tests/e2e/harness.mjs';
import { go, online, signIn } from '../tests/e2e/desk.mjs';

const value = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const url = process.env.VONGLAU_URL ?? 'https://localhost:8443';
const seconds = Number(value('--seconds', '30'));
const code = value('--camera', '');

const browser = await launch(url);
try {
  const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
  // When each picture came, by the media time that the buffer gave it.
  await page.addInitScript(() => {
    const append = SourceBuffer.prototype.appendBuffer;
    const came = (window.came = new Map());
    SourceBuffer.prototype.appendBuffer = function (data) {
      const at = performance.now();
      const before = this.buffered.length ? this.buffered.end(this.buffered.length - 1) : 0;
      this.addEventListener('updateend', () => {
        const after = this.buffered.length ? this.buffered.end(this.buffered.length - 1) : 0;
        if (after > before) came.set(Math.round(before * 1000), at);
      }, { once: true });
      append.call(this, data);
    };
  });
  await signIn(page, url, { login: 'ky-thuat', password: 'vong-lau-thu' });
  await online(page);
  const cameras = await page.evaluate(async () => (await (await fetch('/api/v1/cameras')).json()).cameras);
  const online_ones = cameras.filter((c) => c.state === 'online' && /^CAM-/.test(c.code));
  // The demonstration's live camera is its last.
  const camera = code ? cameras.find((c) => c.code === code) : online_ones.sort((a, b) => (a.code < b.code ? 1 : -1))[0];
  if (!camera) throw new Error('no camera is online');
  await go(page, `/cameras/${camera.id}`);
  await page.waitForSelector('.picture video');
  const found = await page.evaluate(async (for_ms) => {
    const video = document.querySelector('.picture video');
    const canvas = document.createElement('canvas');
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    const crc = (bytes) => {
      let c = 0xffff;
      for (const b of bytes) {
        c ^= b << 8;
        for (let i = 0; i < 8; i += 1) c = c & 0x8000 ? ((c << 1) ^ 0x1021) & 0xffff : (c << 1) & 0xffff;
      }
      return c;
    };
    // The row of 64 squares: 48 bits of milliseconds since 1970, then their CRC-16.
    function clock() {
      const w = video.videoWidth, h = video.videoHeight;
      const square = Math.floor(w / 80 / 2) * 2;
      canvas.width = w;
      canvas.height = square;
      pen.drawImage(video, 0, h - 2 * square, w, square, 0, 0, w, square);
      const { data } = pen.getImageData(0, 0, w, square);
      const bytes = new Array(8).fill(0);
      for (let i = 0; i < 64; i += 1) {
        const x = (8 + i) * square + square / 2, y = square / 2;
        if (data[(y * w + x) * 4 + 1] > 127) bytes[i >> 3] |= 0x80 >> (i & 7);
      }
      if (crc(bytes.slice(0, 6)) !== bytes[6] * 256 + bytes[7]) return undefined;
      return bytes.slice(0, 6).reduce((all, b) => all * 256 + b, 0);
    }
    const ages = [];
    const arrivals = [];
    const waits = [];
    const behind = [];
    let unreadable = 0, presented = 0;
    const begun = performance.now();
    await new Promise((done) => {
      const next = (now, frame) => {
        presented += 1;
        const shown = clock();
        const at_ms = performance.timeOrigin + frame.expectedDisplayTime;
        if (shown === undefined) unreadable += 1;
        else {
          ages.push(at_ms - shown);
          const media_ms = Math.round(frame.mediaTime * 1000);
          const came = [0, -1, 1, -2, 2].map((off) => window.came.get(media_ms + off)).find((at) => at !== undefined);
          if (came !== undefined) {
            arrivals.push(performance.timeOrigin + came - shown);
            waits.push(frame.expectedDisplayTime - came);
          }
          behind.push((video.buffered.end(video.buffered.length - 1) - frame.mediaTime) * 1000);
        }
        if (now - begun > for_ms) done();
        else video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
      setTimeout(done, for_ms + 5000);
    });
    return { ages, arrivals, waits, behind, unreadable, presented };
  }, seconds * 1000);
  const settled = (all) => all.slice(Math.min(15, all.length >> 2)).sort((a, b) => a - b);
  const shares = (all) => (share) => (all.length ? Math.round(all[Math.min(all.length - 1, Math.floor(share * all.length))]) : NaN);
  const at = shares(settled(found.ages));
  console.log(`${camera.code}: ${found.presented} pictures presented, ${found.unreadable} without a readable clock`);
  console.log(`age when presented, ms: least ${at(0)}, median ${at(0.5)}, p95 ${at(0.95)}, most ${at(1)}`);
  for (const [what, all] of [['until the page had it', found.arrivals], ['from there to the screen', found.waits], ['loaded beyond it when presented', found.behind]]) {
    const part = shares(settled(all));
    console.log(`  ${what}, ms: median ${part(0.5)}, p95 ${part(0.95)} (${all.length} pictures)`);
  }
  console.log(`load of the machine: ${loadavg().map((l) => l.toFixed(1)).join(' ')}`);
} finally {
  await browser.close();
}
