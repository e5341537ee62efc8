// What this person chose on this machine: language, theme, columns, sizes. Kept in localStorage;
// never anything about a case.
import { words, type Language } from '../i18n/index.svelte';

export type Theme = 'dark' | 'light';
const prefix = 'vonglau.';

export function remembered<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(prefix + name);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // Storage may be full or forbidden; the choice then lasts until the page is left.
  }
}

class Prefs {
  theme = $state<Theme>('dark');

  load(): void {
    this.setTheme(remembered<Theme>('theme', 'dark') === 'light' ? 'light' : 'dark');
    this.setLanguage(remembered<Language>('language', 'vi') === 'en' ? 'en' : 'vi');
  }
  setTheme(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset['theme'] = theme;
    remember('theme', theme);
  }
  setLanguage(language: Language): void {
    words.language = language;
    document.documentElement.lang = language;
    remember('language', language);
  }
}
export const prefs = new Prefs();
