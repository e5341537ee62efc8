// The situation as of a past moment, asked of the core for each moment the person stops at.
import { api } from '../../api/client';
import type { Situation } from '../../api/types';
import { clock } from '../../app/clock.svelte';
import { router } from '../../app/router.svelte';
import { latest } from '../../ui/combobox.svelte';

const tick_ms = 500;

export class Replay {
  at_us = $state<number | undefined>();
  shown = $state.raw<Situation | undefined>();
  problem = $state.raw<unknown>();
  /** Seconds of the past for each second on the wall; 0 when standing still. */
  speed = $state(0);
  private readonly ask = latest(
    (at_us: number, signal) => api.get('/situation', { query: { as_of_us: at_us }, signal }),
    (situation) => {
      this.shown = situation;
      this.problem = undefined;
    },
    80,
    (reason) => (this.problem = reason),
  );

  constructor() {
    const wanted = Number(router.query.get('as_of'));
    if (wanted > 0) this.go(wanted);
    $effect(() => {
      if (this.speed === 0) return;
      const timer = setInterval(() => {
        if (this.at_us !== undefined) this.go(this.at_us + this.speed * tick_ms * 1000);
      }, tick_ms);
      return () => clearInterval(timer);
    });
  }
  go(at_us: number | undefined): void {
    if (at_us === undefined || at_us >= clock.read()) {
      this.at_us = undefined;
      this.shown = undefined;
      this.problem = undefined;
      this.speed = 0;
      router.setQuery({ as_of: undefined });
      return;
    }
    this.at_us = Math.round(at_us);
    router.setQuery({ as_of: String(this.at_us) });
    this.ask(this.at_us);
  }
  back(us: number): void {
    this.go((this.at_us ?? clock.read()) - us);
  }
}
