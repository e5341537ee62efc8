// Browser tests of the operator interface against a real centre.
//
//   node tests/e2e/run.mjs                 starts build/*/bin/vonglau as a demonstration
//   VONGLAU_URL=https://localhost:8443 node tests/e2e/run.mjs
//   … --screens DIR                        saves pictures of every screen instead
//   … --only WORDS                         runs the tests whose name has these words
import { existsSync } from 'node:fs';
import { findCentre } from './centre.mjs';
import { launch, runAll } from './harness.mjs';
import { register } from './main_job.mjs';
import { register as registerShell } from './shell.mjs';
import { register as registerCameras } from './cameras.mjs';
import { register as registerAdministration } from './administration.mjs';
import { tour } from './tour.mjs';

const value = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
if (!existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium')) {
  console.log('0 passed, 0 failed, 1 skipped (no Chromium: install Debian\'s chromium)');
  process.exit(0);
}
const centre = await findCentre();
if (!centre) {
  console.log('0 passed, 1 failed (no vonglau to start: build it, or set VONGLAU_URL)');
  process.exit(1);
}
let good = false;
try {
  const browser = await launch(centre.url);
  try {
    if (value('--screens')) {
      await tour({ browser, url: centre.url, about: centre.about, dir: value('--screens') });
      good = true;
    } else {
      for (const add of [registerShell, register, registerCameras, registerAdministration]) add(centre);
      const home = new URL(centre.url);
      good = await runAll({
        browser, url: centre.url, only: value('--only'), out: process.env.VONGLAU_E2E_OUT ?? '/tmp/vonglau-e2e',
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
