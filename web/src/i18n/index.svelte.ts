// Messages and numbers in the reader's language. Vietnamese is the source: a key that is not in
// vi.ts does not compile.
import { en } from './en';
import { vi, type MessageKey } from './vi';

export type Language = 'vi' | 'en';
export type { MessageKey };
export type Values = Record<string, string | number>;

const tables: Record<Language, Readonly<Record<string, string>>> = { vi, en };
const locales: Record<Language, string> = { vi: 'vi-VN', en: 'en-GB' };

class Words {
  language = $state<Language>('vi');
  get locale(): string {
    return locales[this.language];
  }
}
export const words = new Words();

/** Fills {name} from values; with n = 1 the key with `_one` behind it is preferred if it exists. */
export function fill(table: Readonly<Record<string, string>>, key: string, values: Values): string {
  const one = values['n'] === 1 ? table[`${key}_one`] : undefined;
  return (one ?? table[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number(value) : value;
  });
}

export function t(key: MessageKey, values: Values = {}): string {
  return fill(tables[words.language], key, values);
}

/** For keys made at run time (error codes, event types): undefined when there is no message. */
export function lookup(key: string, values: Values = {}): string | undefined {
  return key in tables[words.language] ? t(key as MessageKey, values) : undefined;
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(words.locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}
