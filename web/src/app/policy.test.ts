import { describe, expect, it } from 'vitest';
import { names, originOf, PolicyWatch } from './policy';

function world(policies: string[]) {
  const timers: (() => void)[] = [];
  const kept = new Map<string, string>();
  const seen = { reloads: 0, told: 0, busy: false, now: 1_000_000, asked: 0 };
  const watch = () =>
    new PolicyWatch({
      current: async () => policies[Math.min(seen.asked++, policies.length - 1)]!,
      busy: () => seen.busy,
      reload: () => (seen.reloads += 1),
      waits: () => (seen.told += 1),
      after: (_ms, run) => timers.push(run),
      now: () => seen.now,
      memory: { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => void kept.set(k, v) },
    });
  const settle = async () => {
    for (let i = 0; i < 5; i += 1) await Promise.resolve();
  };
  const tick = async () => {
    seen.now += 1000;
    for (const run of timers.splice(0)) run();
    await settle();
  };
  return { seen, watch, tick, settle };
}
const without = "default-src 'self'; connect-src 'self'";
const with_it = "default-src 'self'; connect-src 'self' https://a:1 wss://a:1; object-src 'none'";

describe('the policy a page was loaded with', () => {
  it('names origins whole, in connect-src only', () => {
    expect(originOf('wss://a:1/media/live?ticket=x')).toBe('wss://a:1');
    expect(originOf('data:x')).toBeUndefined();
    expect(names(with_it, 'wss://a:1')).toBe(true);
    expect(names(with_it, 'wss://a:11')).toBe(false);
    expect(names('img-src wss://a:1', 'wss://a:1')).toBe(false);
  });
  it('is replaced once the core names the recorder', async () => {
    const w = world([without, without, with_it]);
    w.watch().refused('wss://a:1/media/live');
    await w.settle();
    expect(w.seen.reloads).toBe(0);
    await w.tick();
    expect(w.seen.reloads).toBe(0);
    await w.tick();
    expect(w.seen.reloads).toBe(1);
    expect(w.seen.told).toBe(0);
  });
  it('is not replaced under what is being typed, which is said once', async () => {
    const w = world([with_it]);
    w.seen.busy = true;
    w.watch().refused('wss://a:1/media/live');
    await w.settle();
    await w.tick();
    await w.tick();
    expect(w.seen).toMatchObject({ reloads: 0, told: 1 });
    w.seen.busy = false;
    await w.tick();
    expect(w.seen.reloads).toBe(1);
  });
  it('is not replaced again and again where loading does not help', async () => {
    const w = world([with_it]);
    w.watch().refused('wss://a:1/media/live');
    await w.settle();
    const later = w.watch();
    later.refused('wss://a:1/media/live');
    await w.settle();
    await w.tick();
    expect(w.seen.reloads).toBe(1);
    w.seen.now += 60_000;
    later.refused('wss://a:1/media/live');
    await w.settle();
    expect(w.seen.reloads).toBe(2);
  });
});
