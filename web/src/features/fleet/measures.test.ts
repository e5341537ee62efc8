import { describe, expect, it } from 'vitest';
import type { CameraHealth, FleetAlarm } from '../../api/types';
import { byWeight } from './fleet.svelte';
import { lines, measures, percent, toneOf } from './measures';

const health = (more: Partial<CameraHealth>): CameraHealth => ({
  camera_id: 'c', at_us: 0, streams: true, bit_rate_kbps: 2100, frame_rate_mhz: 25_000, lost_ppm: 0, ...more,
});

describe('measures', () => {
  it('are in the units people read, and only what is known', () => {
    const all = measures(health({ key_interval_ms: 2000 }));
    expect(all.map((m) => m.id)).toEqual(['bit_rate', 'frame_rate', 'lost', 'key_interval']);
    expect(all[0]?.value).toBe(2.1);
    expect(all[1]?.value).toBe(25);
  });
  it('stand out only beyond their limits', () => {
    expect(toneOf(health({}))).toBe('plain');
    expect(toneOf(health({ lost_ppm: 2_000 }))).toBe('warn');
    expect(toneOf(health({ lost_ppm: 20_000 }))).toBe('bad');
    expect(toneOf(health({ clock_offset_ms: -3_000 }))).toBe('warn');
    expect(toneOf(health({ stored_behind_ms: 60_000 }))).toBe('bad');
    expect(toneOf(health({ streams: false, frame_rate_mhz: 0 }))).toBe('plain');
    expect(toneOf(undefined)).toBe('plain');
  });
  it('give percentages with two digits, and none where no time counted', () => {
    expect(percent(9987)).toBe(99.87);
    expect(percent(undefined)).toBeUndefined();
  });
});

describe('the line of a measure', () => {
  it('breaks where quarter-hours are missing', () => {
    const rows = [0, 10, 20, 50, 60].map((start_us) => ({ start_us, value: 4 }));
    const { paths, most } = lines(rows, 0, 100, 10, 100, 20);
    expect(most).toBe(4);
    expect(paths).toEqual(['M5.0 0.0L15.0 0.0L25.0 0.0', 'M55.0 0.0L65.0 0.0']);
  });
  it('lies at the bottom when everything is zero', () => {
    expect(lines([{ start_us: 0, value: 0 }], 0, 10, 10, 10, 20).paths).toEqual(['M5.0 20.0']);
  });
});

describe('alarms', () => {
  it('stand with shared causes first, the larger before the smaller', () => {
    const alarm = (id: string, claim: FleetAlarm['claim'], n: number): FleetAlarm => ({
      id, claim, cameras: Array.from({ length: n }, (_, i) => `${i}`), opened_us: 0, since_us: 0, chance: 0, most_cameras: n,
    });
    const sorted = [alarm('a', 'single', 1), alarm('b', 'suspected', 3), alarm('c', 'declared', 40)].sort(byWeight);
    expect(sorted.map((x) => x.id)).toEqual(['c', 'b', 'a']);
  });
});
