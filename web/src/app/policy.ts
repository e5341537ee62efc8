// A page keeps the security policy that it was loaded with. When a machine that has pictures joins
// the centre later, the browser refuses to ask it until the page is loaded again: that is done by
// itself, as soon as the core's policy names that machine and nothing that was typed can be lost.
// Knows nothing of the page; what it needs is handed in.

export interface PolicyEnvironment {
  /** The policy that a page loaded now would have. */
  current: () => Promise<string>;
  /** Something is being typed, sent or decided that loading the page again would lose. */
  busy: () => boolean;
  reload: () => void;
  /** Told once when the page waits for the person: nothing was lost, and what comes next. */
  waits: () => void;
  after: (ms: number, run: () => void) => void;
  now: () => number;
  /** Of this tab, over reloads. */
  memory: { getItem: (key: string) => string | null; setItem: (key: string, value: string) => void };
}

const look_again_ms = 1000;
/** A policy that still refuses after a load is not the page's to mend: not asked again so soon. */
const reload_again_ms = 60_000;
const give_up_ms = 10 * 60_000;
const memory_key = 'vonglau.policy.loaded_for';

/** "wss://host:1/media/live?..." is of "wss://host:1". */
export function originOf(url: string): string | undefined {
  return /^(?:wss|https):\/\/[^/?#]+/.exec(url)?.[0];
}
export function names(policy: string, origin: string): boolean {
  const connect = policy.split(';').map((d) => d.trim()).find((d) => d.startsWith('connect-src '));
  return connect?.split(/\s+/).includes(origin) ?? false;
}

export class PolicyWatch {
  private waiting: string | undefined;
  private since = 0;
  private told = false;
  constructor(private readonly env: PolicyEnvironment) {}

  /** The browser refused to ask this address. */
  refused(url: string): void {
    const origin = originOf(url);
    if (!origin || this.waiting) return;
    const before = this.env.memory.getItem(memory_key)?.split(' ') ?? [];
    if (before[0] === origin && this.env.now() - Number(before[1]) < reload_again_ms) return;
    this.waiting = origin;
    this.since = this.env.now();
    void this.look();
  }
  private async look(): Promise<void> {
    const origin = this.waiting!;
    const policy = await this.env.current().catch(() => '');
    if (!names(policy, origin)) {
      if (this.env.now() - this.since > give_up_ms) this.waiting = undefined;
      else this.env.after(look_again_ms, () => void this.look());
      return;
    }
    if (this.env.busy()) {
      if (!this.told) this.env.waits();
      this.told = true;
      this.env.after(look_again_ms, () => void this.look());
      return;
    }
    this.env.memory.setItem(memory_key, `${origin} ${this.env.now()}`);
    this.env.reload();
  }
}

/** Whether a person has something on the screen that is not at the core yet: an open dialog, or
 * text of theirs in a box. What the page itself filled in does not count. */
export class TypedText {
  private readonly touched = new Set<HTMLInputElement | HTMLTextAreaElement>();
  constructor(private readonly root: Document) {
    root.addEventListener('input', (e) => {
      const box = e.target;
      if (box instanceof HTMLTextAreaElement || (box instanceof HTMLInputElement && !/^(range|checkbox|radio)$/.test(box.type))) this.touched.add(box);
    }, true);
  }
  get present(): boolean {
    for (const box of this.touched) if (!box.isConnected || box.value === '') this.touched.delete(box);
    return this.touched.size > 0 || this.root.querySelector('dialog[open]') !== null;
  }
}
