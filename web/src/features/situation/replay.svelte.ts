// The situation as of a past moment, asked of the core for each moment the person stops at.
import { api } from '../../api/client';
import type { Activity, Camera, Situation } from '../../api/types';
import { clock } from '../../app/clock.svelte';
import { router } from '../../app/router.svelte';
import { latest } from '../../ui/combobox.svelte';

const tick_ms = 500;
const bin_us = 300_000_000;
const day_us = 86_400_000_000;

/** Of a past moment it is known which cameras were without signal; the others are not told apart. */
export function camerasThen(cameras: readonly Camera[], then: Situation | undefined): Camera[] {
  const off = new Set(then?.cameras.offline_ids);
  return cameras.map((c) => ({ ...c, state: off.has(c.id) ? 'offline' : 'unknown' }));
}

/** What the 24 hours up to a moment brought, or undefined where the bins do not reach back that far. */
export function dayUntil(
  activity: Activity | undefined, at_us: number,
): { reports: number; incidents: number } | undefined {
  const first = activity?.bins[0];
  if (!activity || !first || first.start_us > at_us - day_us + bin_us) return undefined;
  const within = activity.bins.filter((b) => b.start_us > at_us - day_us - bin_us && b.start_us + bin_us <= at_us);
  const sum = (of: 'reports' | 'incidents') => within.reduce((all, b) => all + b[of], 0);
  return { reports: sum('reports'), incidents: sum('incidents') };
}

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
