// Every screen of the interface, with who sees it and how to get there: walked by the axe test and
// by the picture tour.
import { go, mapDrawn } from './desk.mjs';

const wait = (page, selector) => page.waitForSelector(selector, { timeout: 30_000 });
/** First record of a kind, as the person may list it. */
const first = (page, path, list) =>
  page.evaluate(async ([p, l]) => (await (await fetch(`/api/v1${p}`)).json())[l]?.[0]?.id, [path, list]);

export const screens = [
  { name: 'situation', as: ['truc-ban'], to: async (p) => { await go(p, '/'); await wait(p, '.situation'); } },
  { name: 'situation-replay', as: ['truc-ban'], to: async (p) => { await go(p, '/'); await wait(p, '.situation'); await p.click('.strip button'); await wait(p, '.banner'); } },
  { name: 'reports', as: ['truc-ban', 'tiep-nhan'], to: async (p) => { await go(p, '/reports'); await wait(p, '.reports'); } },
  { name: 'report-new', as: ['truc-ban', 'tiep-nhan'], to: async (p) => { await go(p, '/reports?new=1'); await wait(p, '.form textarea'); } },
  {
    name: 'report', as: ['truc-ban', 'tiep-nhan'],
    to: async (p) => {
      const id = (await first(p, '/reports?state=waiting', 'reports')) ?? (await first(p, '/reports?state=closed', 'reports'));
      if (!id) return false;
      await go(p, `/reports/${id}`);
      await wait(p, '.head .service');
    },
  },
  { name: 'incidents', as: ['truc-ban'], to: async (p) => { await go(p, '/incidents'); await wait(p, '[role=grid]'); } },
  { name: 'incidents-closed', as: ['truc-ban'], to: async (p) => { await go(p, '/incidents?state=closed'); await wait(p, '[role=grid]'); } },
  {
    name: 'incident', as: ['truc-ban'],
    to: async (p) => {
      const id = (await first(p, '/incidents?state=open', 'incidents')) ?? (await first(p, '/incidents', 'incidents'));
      if (!id) return false;
      await go(p, `/incidents/${id}`);
      await wait(p, '.incident .columns');
    },
  },
  { name: 'units', as: ['truc-ban'], to: async (p) => { await go(p, '/units'); await wait(p, '[role=grid]'); } },
  { name: 'cameras', as: ['ky-thuat', 'truc-ban'], to: async (p) => { await go(p, '/cameras'); await wait(p, '[role=grid]'); } },
  {
    name: 'camera', as: ['ky-thuat', 'truc-ban'],
    to: async (p) => {
      const id = await first(p, '/cameras', 'cameras');
      if (!id) return false;
      await go(p, `/cameras/${id}`);
      await wait(p, '.picture');
      await p.waitForTimeout(2500);
    },
  },
  { name: 'camera-add', as: ['ky-thuat'], to: async (p) => { await go(p, '/cameras'); await wait(p, '[role=grid]'); await p.click('button[aria-keyshortcuts=N]'); await wait(p, 'dialog'); } },
  { name: 'people', as: ['quan-tri'], to: async (p) => { await go(p, '/administration/people'); await wait(p, '[role=grid]'); } },
  {
    name: 'person', as: ['quan-tri'],
    to: async (p) => {
      await go(p, `/administration/people/${await first(p, '/people', 'people')}`);
      await wait(p, 'dl');
    },
  },
  { name: 'approvals', as: ['quan-tri'], to: async (p) => { await go(p, '/administration/approvals'); await wait(p, '.tabs'); } },
  { name: 'roles', as: ['quan-tri'], to: async (p) => { await go(p, '/administration/roles'); await wait(p, '[role=grid]'); } },
  { name: 'journal', as: ['quan-tri', 'kiem-tra'], to: async (p) => { await go(p, '/administration/journal'); await wait(p, '[role=grid]'); } },
  { name: 'processes', as: ['quan-tri', 'ky-thuat'], to: async (p) => { await go(p, '/administration/processes'); await wait(p, '[role=grid]'); } },
  { name: 'places', as: ['quan-tri'], to: async (p) => { await go(p, '/administration/places'); await wait(p, '[role=grid]'); } },
  { name: 'key-help', as: ['truc-ban'], to: async (p) => { await go(p, '/'); await wait(p, '.situation'); await p.keyboard.press('?'); await wait(p, 'dialog'); } },
  { name: 'not-found', as: ['truc-ban'], to: async (p) => { await go(p, '/nothing-here'); await wait(p, 'main'); } },
];

/** Goes to the screen and lets it come to rest; false when it has nothing to show. */
export async function show(page, screen) {
  if ((await screen.to(page)) === false) return false;
  await mapDrawn(page);
  await page.waitForTimeout(250);
  return true;
}
