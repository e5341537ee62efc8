// Browser tests of the operator interface against a real centre.
//
//   tests/e2e/run                        starts build/*/bin/vonglau as a demonstration
//   VONGLAU_URL=https://… tests/e2e/run  with VONGLAU_LOGIN and VONGLAU_PASSWORD for one person
//   … --screens DIR                      saves pictures of every screen instead
//   … --only WORDS                       runs the tests whose name has these words; of pictures, those of a size,
//                                        a theme or a language: vi-dark-1366x768
//   … --results FILE                     adds {"name", "outcome", "reason"} a line
import { appendFileSync, existsSync } from 'node:fs';
import { findCentre } from './centre.mjs';
import { launch, runAll } from './harness.mjs';
import { register } from './main_job.mjs';
import { register as registerAccess } from './access.mjs';
import { register as registerShell } from './shell.mjs';
import { register as registerCameras } from './cameras.mjs';
import { register as registerDevices } from './devices.mjs';
import { register as registerWalls } from './walls.mjs';
import { register as registerFleet } from './fleet.mjs';
import { register as registerAdministration } from './administration.mjs';
import { register as registerExports } from './exports.mjs';
import { register as registerRecorders } from './recorders.mjs';
import { register as registerSite } from './site.mjs';
import { tour } from './tour.mjs';

const value = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const results = value('--results');
function end(outcome, reason, code) {
  if (results) appendFileSync(results, JSON.stringify({ name: 'e2e', outcome, reason }) + '\n');
  console.log(`0 passed, ${code} failed, ${1 - code} skipped: ${reason}`);
  process.exit(code);
}
if (!existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium')) {
  end('skipped', 'no Chromium: install the package chromium', 0);
}
const centre = await findCentre({ calm: !value('--screens') }).catch((reason) => end('failed', reason.message, 1));
if (!centre) {
  end('failed', 'no vonglau to start: build it, or set VONGLAU_URL', 1);
}
let good = false;
try {
  const browser = await launch(centre.url);
  try {
    if (value('--screens')) {
      await tour({ browser, url: centre.url, about: centre.about, dir: value('--screens'), only: value('--only') });
      if (results) appendFileSync(results, JSON.stringify({ name: 'e2e: pictures of every screen', outcome: 'passed', reason: '' }) + '\n');
      good = true;
    } else {
      for (const add of [registerShell, register, registerCameras, registerWalls, registerFleet, registerDevices, registerExports, registerRecorders, registerAdministration, registerSite, registerAccess]) add(centre);
      const home = new URL(centre.url);
      good = await runAll({
        browser, url: centre.url, only: value('--only'), results, out: process.env.VONGLAU_E2E_OUT ?? '/tmp/vonglau-e2e',
        // The core, and the recorders of this machine: nobody else may be asked for anything.
        accept: (host) => host === home.host || host.startsWith(`${home.hostname}:`),
      });
    }
  } finally {
    await browser.close();
  }
} finally {
  await centre.stop();
}
process.exit(good ? 0 : 1);
