// Every screen in both themes, looked at by axe: no finding of any weight is let pass.
import { axe, online, personFor, signIn } from './desk.mjs';
import { axe_source, expect, skip, test } from './harness.mjs';
import { screens, show } from './screens.mjs';

// Themes differ in the tokens that this attribute chooses, and in nothing that is laid out.
const both = async (page, name) => {
  const found = [];
  for (const theme of ['dark', 'light']) {
    await page.evaluate((t) => (document.documentElement.dataset.theme = t), theme);
    found.push(...(await axe(page, axe_source, `${name}, ${theme}`)));
  }
  await page.evaluate(() => (document.documentElement.dataset.theme = 'dark'));
  expect(found.length === 0, found.join('\n         '));
};

export function register({ url, about }) {
  // One page for each person, kept from screen to screen as it is at a desk; without motion, so
  // that no colour is measured half-way.
  const pages = new Map();
  const pageOf = async (person, open) => {
    if (!pages.has(person.login)) {
      const page = await signIn(await open({ keep: true, reducedMotion: 'reduce' }), url, person);
      await online(page);
      pages.set(person.login, page);
    }
    return pages.get(person.login);
  };

  test('axe finds nothing: sign-in', async ({ open }) => {
    const page = await open({ reducedMotion: 'reduce' });
    await page.goto(url);
    await page.waitForSelector('input[autocomplete=username]');
    await both(page, 'sign-in');
  });
  for (const screen of screens) {
    test(`axe finds nothing: ${screen.name}`, async ({ open }) => {
      const page = await pageOf(personFor(about, ...screen.as), open);
      if (!(await show(page, screen))) skip('there is no such record to show');
      await both(page, screen.name);
      await page.keyboard.press('Escape');
    });
  }
}
