// Saves a picture of every screen in both languages, both themes and two sizes.
import { mkdirSync } from 'node:fs';
import { choose, online, personFor, signIn } from './desk.mjs';
import { screens, show } from './screens.mjs';

const sizes = [{ width: 1366, height: 768 }, { width: 1920, height: 1080 }];

export async function tour({ browser, url, about, dir, only }) {
  mkdirSync(dir, { recursive: true });
  let taken = 0;
  for (const language of ['vi', 'en']) {
    for (const theme of ['dark', 'light']) {
      for (const viewport of sizes) {
        const tag = `${language}-${theme}-${viewport.width}x${viewport.height}`;
        if (only && !tag.includes(only)) continue;
        const save = async (page, name) => {
          await page.screenshot({ path: `${dir}/${name}-${tag}.png` });
          taken += 1;
        };
        // One person at a desk at a time: a map that nobody looks at costs as much as one looked at.
        let signed = false;
        const pages = new Map();
        const pageOf = async (person) => {
          if (!pages.has(person.login)) {
            for (const other of pages.values()) await other.context().close();
            pages.clear();
            const page = await (await browser.newContext({ viewport, locale: 'vi-VN' })).newPage();
            page.setDefaultTimeout(60_000);
            await choose(page, { theme, language });
            if (!signed) {
              signed = true;
              await page.goto(url);
              await page.waitForSelector('input[autocomplete=username]');
              await save(page, 'sign-in');
            }
            await signIn(page, url, person);
            await online(page);
            pages.set(person.login, page);
          }
          return pages.get(person.login);
        };
        for (const screen of screens) {
          const page = await pageOf(personFor(about, ...screen.as));
          await show(page, screen);
          await save(page, screen.name);
          await page.keyboard.press('Escape');
        }
        for (const page of pages.values()) await page.context().close();
        console.log(`pictures ${tag}: ${taken} so far`);
      }
    }
  }
  console.log(`${taken} pictures in ${dir}`);
}
