// Every screen in both themes, looked at by axe: no finding of any weight is let pass.
import { axe, online, personFor, signIn } from './desk.mjs';
import { axe_source, expect, test } from './harness.mjs';
import { screens, show } from './screens.mjs';

// Themes differ in the tokens that this attribute chooses, and in nothing that is laid out.
const wear = (page, theme) =>
  page.evaluate(async (t) => {
    const frame = () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    document.documentElement.dataset.theme = t;
    await frame();
    await Promise.allSettled(document.getAnimations().map((a) => a.finished));
    await frame();
  }, theme);
const both = async (page, name) => {
  const found = [];
  for (const theme of ['dark', 'light']) {
    await wear(page, theme);
    found.push(...(await axe(page, axe_source, `${name}, ${theme}`)));
  }
  await wear(page, 'dark');
  expect(found.length === 0, found.join('\n         '));
};

export function register({ url, about }) {
  // One page at a time, kept from screen to screen as it is at a desk; without motion, so that no
  // colour is measured half-way.
  let at = {};
  const pageOf = async (person, open) => {
    if (at.login !== person.login || at.page.isClosed()) {
      await at.page?.context().close();
      const page = await signIn(await open({ keep: true, reducedMotion: 'reduce' }), url, person);
      at = { login: person.login, page };
      await online(page);
    }
    return at.page;
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
      try {
        await show(page, screen);
        await both(page, screen.name);
      } finally {
        await page.keyboard.press('Escape');
      }
    });
  }
}
