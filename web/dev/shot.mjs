// Pictures of screens on the fixture, to look at while drawing them.
//   node dev/shot.mjs OUT_DIR /path[,click:selector][,key:x] … [--en] [--light] [--small] [--out]
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const args = process.argv.slice(2);
const flag = (name) => args.includes(name);
const [dir, ...paths] = args.filter((a) => !a.startsWith('--'));
mkdirSync(dir, { recursive: true });
const port = 20443 + (process.pid % 2000);
const fixture = spawn('node', ['dev/fixture.mjs', '--port', String(port), ...(flag('--out') ? [] : ['--signed-in'])], { stdio: 'inherit' });
await new Promise((done) => setTimeout(done, 900));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--enable-unsafe-swiftshader', '--use-angle=swiftshader'],
});
try {
  const viewport = flag('--small') ? { width: 1366, height: 768 } : { width: 1920, height: 1080 };
  const page = await (await browser.newContext({ viewport })).newPage();
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && !/GPU stall|GL Driver/.test(m.text()) && console.log('console:', m.text()));
  page.on('pageerror', (e) => console.log('pageerror:', e.message));
  await page.addInitScript(([theme, language]) => {
    localStorage.setItem('vonglau.theme', JSON.stringify(theme));
    localStorage.setItem('vonglau.language', JSON.stringify(language));
  }, [flag('--light') ? 'light' : 'dark', flag('--en') ? 'en' : 'vi']);
  let n = 0;
  for (const spec of paths) {
    const [path, ...steps] = spec.split(',');
    await page.goto(`http://localhost:${port}${path}`);
    await page.waitForTimeout(1500);
    if (await page.$('.canvas')) await page.waitForSelector('.canvas[data-drawn]', { timeout: 60000 });
    await page.waitForTimeout(1500);
    for (const step of steps) {
      const [what, ...rest] = step.split(':');
      const value = rest.join(':');
      if (what === 'row') await page.click(`.table .line:nth-child(${value}) a`);
      else if (what === 'click') await page.click(value);
      else if (what === 'key') await page.keyboard.press(value);
      else if (what === 'type') await page.keyboard.type(value);
      else if (what === 'wait') await page.waitForTimeout(Number(value));
      await page.waitForTimeout(500);
    }
    if (await page.$('.canvas')) await page.waitForSelector('.canvas[data-drawn]', { timeout: 60000 });
    await page.waitForTimeout(600);
    n += 1;
    const file = `${dir}/${n}.png`;
    await page.screenshot({ path: file });
    console.log(file, spec);
  }
} finally {
  await browser.close();
  fixture.kill();
}
