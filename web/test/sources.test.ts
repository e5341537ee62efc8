// What the page's policy and our own promises forbid in the sources.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { vi } from '../src/i18n/vi';

const root = fileURLToPath(new URL('../src/', import.meta.url));
const files = (readdirSync(root, { recursive: true }) as string[])
  .filter((f) => /\.(svelte|ts|css)$/.test(f) && !f.endsWith('.test.ts') && !f.includes('schema.d'))
  .map((f) => ({ name: f, text: readFileSync(root + f, 'utf8') }));

describe('the sources', () => {
  it('have no style attribute in markup: the policy allows no inline style', () => {
    for (const { name, text } of files.filter((f) => f.name.endsWith('.svelte'))) {
      expect(text.match(/\sstyle="/), name).toBeNull();
    }
  });
  it('name no outside host', () => {
    for (const { name, text } of files) {
      const hosts = (text.match(/https?:\/\/[^\s'"`)]+/g) ?? []).filter((u) => !u.startsWith('http://www.w3.org/'));
      expect(hosts, name).toEqual([]);
    }
  });
  it('use every message', () => {
    const all = files.filter((f) => !f.name.startsWith('i18n/')).map((f) => f.text).join('\n');
    const families = [...all.matchAll(/`([a-z_.]+\.)\$\{/g)].map((m) => m[1]!);
    const unused = Object.keys(vi).filter(
      (key) => !all.includes(`'${key}'`) && !families.some((f) => key.startsWith(f)),
    );
    expect(unused).toEqual([]);
  });
});
