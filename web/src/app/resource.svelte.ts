// Something a screen loads: its value, or why there is none. Loaded again when told, and when
// events of the wanted kinds pass by.
import { untrack } from 'svelte';
import type { WatchEvent } from '../api/types';
import { live } from './live.svelte';

export class Resource<T> {
  value = $state.raw<T | undefined>();
  problem = $state.raw<unknown>();
  private turn = 0;
  constructor(
    private readonly ask: () => Promise<T>,
    options: { on?: (event: WatchEvent) => boolean; every_ms?: number } = {},
  ) {
    $effect(() => {
      untrack(() => void this.load());
      const { on, every_ms } = options;
      const stop = on ? live.listen((events) => events.some(on) && void this.load()) : () => {};
      const timer = every_ms ? setInterval(() => void this.load(), every_ms) : undefined;
      return () => {
        stop();
        clearInterval(timer);
      };
    });
  }
  load = async (): Promise<void> => {
    const mine = (this.turn += 1);
    try {
      const value = await this.ask();
      if (mine !== this.turn) return;
      this.value = value;
      this.problem = undefined;
    } catch (reason) {
      if (mine === this.turn) this.problem = reason;
    }
  };
}
