// Keys of the screen. A component says which keys it answers to while it is shown; `?` lists them.
import { untrack } from 'svelte';

export interface Binding {
  /** As shown: `N`, `Ctrl Enter`, `G S` (one after the other), `Esc`, `F2`, `↑`. */
  key: string;
  label: () => string;
  run: (event: KeyboardEvent) => void;
  when?: () => boolean;
  /** Also while typing in a field. Keys with Ctrl, Alt and F keys always are. */
  typing?: boolean;
}
export interface KeyGroup {
  title: () => string;
  bindings: Binding[];
}

const names: Record<string, string> = {
  ' ': 'Space',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  Delete: 'Del',
};

export interface KeyLike {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

export function nameOf(event: KeyLike): string {
  const base = names[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  // Shift is part of the sign itself (`?`), and named only with letters and named keys.
  if (event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key))) parts.push('Shift');
  return [...parts, base].join(' ');
}

const chord_ms = 900;

class Keys {
  groups = $state.raw<KeyGroup[]>([]);
  private prefix = '';
  private prefix_at = 0;

  start(): void {
    addEventListener('keydown', (e) => this.handle(e));
  }
  add(group: KeyGroup): () => void {
    this.groups = [...this.groups, group];
    return () => {
      this.groups = this.groups.filter((g) => g !== group);
    };
  }
  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const target = event.target as HTMLElement | null;
    const typing = !!target?.closest?.('input, textarea, select, [contenteditable]');
    const in_dialog = target?.closest?.('dialog') ?? document.querySelector('dialog[open]');
    const name = nameOf(event);
    const chord = performance.now() - this.prefix_at < chord_ms ? `${this.prefix} ${name}` : '';
    this.prefix = '';
    for (const wanted of chord ? [chord, name] : [name]) {
      for (const group of [...this.groups].reverse()) {
        for (const b of group.bindings) {
          if (b.key !== wanted || (b.when && !b.when())) continue;
          const always = b.typing || /^(Ctrl|Alt) |^F\d/.test(b.key);
          if (typing && !always) continue;
          if (in_dialog && !b.typing) continue;
          // Enter and Space on a focused control are that control's own.
          if (/^(Enter|Space)$/.test(name) && target?.closest?.('button, a, [role=button]')) continue;
          event.preventDefault();
          b.run(event);
          return;
        }
      }
    }
    if (!typing && this.groups.some((g) => g.bindings.some((b) => b.key.startsWith(`${name} `)))) {
      this.prefix = name;
      this.prefix_at = performance.now();
    }
  }
}
export const keys = new Keys();

/** Call while a component is set up: its keys live as long as it does. */
export function useKeys(title: () => string, bindings: Binding[]): void {
  $effect(() => untrack(() => keys.add({ title, bindings })));
}
