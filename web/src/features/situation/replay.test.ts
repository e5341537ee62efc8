import { describe, expect, it } from 'vitest';
import type { Activity, Camera, Situation } from '../../api/types';
import { camerasThen, dayUntil } from './replay.svelte';

const bin_us = 300_000_000;
const hour_us = 12 * bin_us;
const bins = (hours: number): Activity => ({
  bins: Array.from({ length: hours * 12 }, (_, i) => ({ start_us: i * bin_us, reports: 1, incidents: i % 2 })),
});

describe('a past moment', () => {
  it('shows which cameras were without signal then, and claims nothing of the others', () => {
    const cameras = [{ id: 'a', state: 'online' }, { id: 'b', state: 'offline' }] as Camera[];
    const then = { cameras: { online: 1, offline: 1, total: 2, offline_ids: ['a'] } } as Situation;
    expect(camerasThen(cameras, then).map((c) => c.state)).toEqual(['offline', 'unknown']);
    expect(camerasThen(cameras, undefined).map((c) => c.state)).toEqual(['unknown', 'unknown']);
  });
  it('counts the reports of the 24 hours before it, not those since', () => {
    expect(dayUntil(bins(48), 40 * hour_us)).toEqual({ reports: 288, incidents: 144 });
  });
  it('counts nothing where the bins do not reach back far enough', () => {
    expect(dayUntil(bins(24), 20 * hour_us)).toBeUndefined();
    expect(dayUntil(undefined, 20 * hour_us)).toBeUndefined();
  });
});
