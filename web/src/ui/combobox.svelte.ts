// The behaviour of a text box with a list of proposals: arrow keys, Enter, Esc, ARIA.
export class Combobox<T> {
  open = $state(false);
  active = $state(0);
  results = $state.raw<readonly T[]>([]);
  constructor(
    readonly id: string,
    private readonly choose: (result: T) => void,
  ) {}

  show(results: readonly T[]): void {
    this.results = results;
    this.active = 0;
  }
  pick(result: T): void {
    this.open = false;
    this.choose(result);
  }
  onkeydown = (e: KeyboardEvent): void => {
    const count = this.results.length;
    if (e.key === 'ArrowDown' && count > 0) {
      this.active = this.open ? (this.active + 1) % count : this.active;
      this.open = true;
    } else if (e.key === 'ArrowUp' && count > 0) this.active = (this.active + count - 1) % count;
    else if (e.key === 'Enter' && this.open && count > 0) {
      const result = this.results[this.active];
      if (result !== undefined) this.pick(result);
    } else if (e.key === 'Escape' && this.open) this.open = false;
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  get attributes() {
    const showing = this.open && this.results.length > 0;
    return {
      role: 'combobox',
      'aria-autocomplete': 'list',
      'aria-expanded': showing,
      'aria-controls': `${this.id}-list`,
      'aria-activedescendant': showing ? `${this.id}-${this.active}` : undefined,
      autocomplete: 'off',
    } as const;
  }
}

/** Runs the newest question only: earlier answers that come late are dropped. */
export function latest<A, R>(
  ask: (a: A, signal: AbortSignal) => Promise<R>,
  take: (r: R) => void,
  wait_ms = 120,
  failed: (reason: unknown) => void = () => {},
) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;
  return (a: A): void => {
    clearTimeout(timer);
    running?.abort();
    timer = setTimeout(() => {
      const mine = (running = new AbortController());
      ask(a, mine.signal).then(
        (r) => !mine.signal.aborted && take(r),
        (reason) => !mine.signal.aborted && failed(reason),
      );
    }, wait_ms);
  };
}
