import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { fill } from '../src/i18n/index.svelte';
import { vi } from '../src/i18n/vi';

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe('messages', () => {
  it('exist in both languages, and no others', () => {
    const english = Object.keys(en).filter((k) => !k.endsWith('_one'));
    expect(english.sort()).toEqual(Object.keys(vi).sort());
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
