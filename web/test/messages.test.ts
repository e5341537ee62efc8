import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { fill } from '../src/i18n/index.svelte';
import { vi } from '../src/i18n/vi';

const files = import.meta.glob<Record<string, Record<string, string>>>('../src/i18n/*/*.ts', { eager: true });
const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe('messages', () => {
  it('exist in both languages, and no others', () => {
    const english = Object.keys(en).filter((k) => !k.endsWith('_one'));
    expect(english.sort()).toEqual(Object.keys(vi).sort());
  });
  it('stand in one file each', () => {
    for (const [language, all] of Object.entries({ vi, en })) {
      const parts = Object.entries(files).filter(([path]) => path.includes(`/${language}/`));
      const keys = parts.flatMap(([, module]) => Object.values(module).flatMap((m) => Object.keys(m)));
      expect(keys.sort(), language).toEqual(Object.keys(all).sort());
    }
  });
  it('are filled with the same values in both', () => {
    for (const [key, text] of Object.entries(vi)) {
      expect(names(en[key as keyof typeof vi]), key).toEqual(names(text));
    }
  });
  it('are not empty, and Vietnamese is composed (NFC) so that every font draws it', () => {
    for (const [key, text] of Object.entries<string>({ ...vi, ...en })) {
      expect(text.trim(), key).not.toBe('');
      expect(text.normalize('NFC'), key).toBe(text);
    }
  });
  it('take the singular when there is one', () => {
    const table = { row: '{n} rows', row_one: '{n} row' };
    expect(fill(table, 'row', { n: 1 })).toBe('1 row');
    expect(fill(table, 'row', { n: 2 })).toBe('2 rows');
    expect(fill(table, 'row', {})).toBe('{n} rows');
  });
});
