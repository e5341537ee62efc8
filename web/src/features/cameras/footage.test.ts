import { describe, expect, it } from 'vitest';
import { Footage, picturesOf, timescaleOf } from './footage';

const box = (name: string, ...parts: (number[] | Uint8Array)[]): Uint8Array => {
  const body = parts.flatMap((p) => [...p]);
  const size = body.length + 8;
  return Uint8Array.from([size >> 24, size >> 16, size >> 8, size, ...[...name].map((c) => c.charCodeAt(0)), ...body].map((b) => b & 255));
};
const u32 = (...values: number[]) => values.flatMap((v) => [(v >>> 24) & 255, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]);
/** Pictures as [duration, composition offset] in the order they come. */
const segment = (pictures: [number, number][]): ArrayBuffer => {
  const trun = box('trun', u32(0x01000901, pictures.length, 0), ...pictures.map((p) => u32(...p)));
  const moof = box('moof', box('mfhd', u32(0, 1)), box('traf', box('tfhd', u32(0x020000, 1)), trun));
  return Uint8Array.from([...moof, ...box('mdat', [1, 2, 3])]).buffer;
};
const init = (timescale: number): ArrayBuffer =>
  Uint8Array.from(box('moov', box('trak', box('mdia', box('mdhd', u32(0, 0, 0, timescale, 0)))))).buffer;
const s = 1_000_000;

describe('loaded footage', () => {
  it('reads from MP4 where pictures begin, also where they come in another order than they are shown', () => {
    expect(timescaleOf(init(1000))).toBe(1000);
    expect(picturesOf(segment([[40, 0], [40, 0], [40, 0]]))).toEqual({ begins: [0, 40, 80], length: 120 });
    expect(picturesOf(segment([[40, 40], [40, 120], [40, 0], [40, 0]])).begins).toEqual([0, 40, 80, 120]);
    expect(picturesOf(new ArrayBuffer(3))).toEqual({ begins: [], length: 0 });
  });
  it('knows the wall time of what is shown, and where a wall time is, across a gap', () => {
    const f = new Footage();
    f.init(init(1000));
    f.add(0, 100 * s, segment([[500, 0], [500, 0]]));
    f.addGap({ start_us: 101 * s, end_us: 160 * s, cause: 'stream_stalled' });
    f.add(1, 160 * s, segment([[500, 0], [500, 0]]));
    expect(f.positionAt(0.5)).toBe(100.5 * s);
    expect(f.positionAt(1.25)).toBe(160.25 * s);
    expect(f.place(100.75 * s)).toEqual({ kind: 'loaded', time_s: 0.75 });
    expect(f.place(130 * s)).toMatchObject({ kind: 'gap', gap: { cause: 'stream_stalled' } });
    expect(f.place(160.5 * s)).toEqual({ kind: 'loaded', time_s: 1.5 });
    expect(f.place(90 * s)).toEqual({ kind: 'not_loaded', ahead: false });
    expect(f.place(170 * s)).toEqual({ kind: 'not_loaded', ahead: true });
    f.clear();
    expect(f.positionAt(1)).toBeUndefined();
  });
  it('steps by pictures, not by a guessed rate', () => {
    const f = new Footage();
    f.init(init(1000));
    f.add(0, 100 * s, segment([[100, 0], [300, 0], [600, 0]]));
    expect(f.step(0.15, 1)).toBeCloseTo(0.4);
    expect(f.step(0.15, -1)).toBeCloseTo(0);
    expect(f.step(0.05, -1)).toBeUndefined();
    expect(f.step(0.7, 1)).toBeUndefined();
    expect(f.begin(0.39)).toBeCloseTo(0.1);
  });
});
