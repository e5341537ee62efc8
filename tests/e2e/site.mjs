// A real site from its first command: init, serve, the first administrator's one-time password, a
// password of their own, the second factor that administrators must have, the first screen.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, program, ready } from './centre.mjs';
import { equal, expect, launch, skip, test } from './harness.mjs';
import { codeOf } from './second_factor.mjs';

export function register() {
  test('a real site: from init to the first administrator with a second factor', async () => {
    const path = program() ?? skip('a centre elsewhere is tested: no program here');
    const folder = mkdtempSync(join(tmpdir(), 'vonglau-site-'));
    const port = await freePort();
    const recorder_port = await freePort();
    const url = `https://localhost:${port}`;
    let serve, browser;
    try {
      const made = spawnSync(path, [
        'init', '--yes', '--folder', folder, '--administrator', 'ha.quan.tri', '--listen', '127.0.0.1',
        '--port', String(port), '--recorder-port', String(recorder_port),
      ], { encoding: 'utf8' });
      equal(made.status, 0, `init: ${made.stderr}`);
      const one_time = /one-time password (\S+)/.exec(made.stdout)?.[1];
      expect(one_time, `init shows a one-time password: ${made.stdout}`);
      serve = spawn(path, ['--config', `${folder}/vonglau.toml`, 'serve'], { stdio: 'ignore' });
      await ready(url, serve, 120);
      browser = await launch(url);
      const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'vi-VN' })).newPage();
      page.setDefaultTimeout(30_000);
      const policy = (await page.goto(url)).headers()['content-security-policy'];
      expect(policy.includes(` wss://localhost:${recorder_port} `) || policy.includes(` wss://localhost:${recorder_port};`),
        `the first page knows this site's own recorder: ${policy}`);
      await page.fill('input[autocomplete=username]', 'ha.quan.tri');
      await page.fill('input[autocomplete=current-password]', one_time);
      await page.keyboard.press('Enter');
      await page.waitForSelector('input[autocomplete=new-password]');
      expect(!(await page.textContent('body')).includes('vong-lau-thu'), 'no demonstration sign-in is shown');
      await page.fill('input[autocomplete=current-password]', one_time);
      for (const box of await page.$$('input[autocomplete=new-password]')) await box.fill('cây đa bến nước sân đình');
      await page.keyboard.press('Enter');
      // Nothing else before the second factor, not even by the API.
      await page.waitForSelector('.secret');
      const early = await page.evaluate(async () => (await fetch('/api/v1/people')).status);
      equal(early, 403, 'people before the second factor');
      const secret = await page.textContent('.secret');
      await page.fill('input[autocomplete=one-time-code]', codeOf(secret));
      await page.keyboard.press('Enter');
      await page.waitForSelector('nav[aria-label] a.on');
      const late = await page.evaluate(async () => (await fetch('/api/v1/people')).status);
      equal(late, 200, 'people after it');
    } finally {
      await browser?.close();
      if (serve && serve.exitCode === null) {
        const ended = new Promise((done) => serve.once('exit', done));
        serve.kill('SIGTERM');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
