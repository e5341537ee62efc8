import { describe, expect, it } from 'vitest';
import { activityOf, askedFor, coarser, gapAt, guessedBeside, inView, joined, jumpFrom, motionOf, nextRecorded, outline, ticks, windowAround } from './timebar';

const s = 1_000_000;
const span = (a: number, b: number) => ({ start_us: a * s, end_us: b * s, bytes: 1 });

describe('the time bar', () => {
  it('joins spans that touch and leaves holes open', () => {
    expect(joined([span(60, 120), span(0, 60), span(180, 240)])).toEqual([
      { start_us: 0, end_us: 120 * s }, { start_us: 180 * s, end_us: 240 * s },
    ]);
  });
  it('goes on where something was recorded', () => {
    const list = joined([span(0, 60), span(180, 240)]);
    expect(nextRecorded(list, 30 * s)).toBe(30 * s);
    expect(nextRecorded(list, 90 * s)).toBe(180 * s);
    expect(nextRecorded(list, 240 * s)).toBeUndefined();
  });
  it('knows the gap at a moment, also one that has no end yet', () => {
    const gaps = [{ start_us: 10 * s, end_us: 20 * s, cause: 'stream_stalled' as const }, { start_us: 90 * s, cause: 'disk_full' as const }];
    expect(gapAt(gaps, 15 * s, 100 * s)?.cause).toBe('stream_stalled');
    expect(gapAt(gaps, 95 * s, 100 * s)?.cause).toBe('disk_full');
    expect(gapAt(gaps, 50 * s, 100 * s)).toBeUndefined();
  });
  it('never shows the future', () => {
    expect(windowAround(95 * s, 60 * s, 100 * s)).toEqual({ start_us: 40 * s, end_us: 100 * s });
    expect(windowAround(50 * s, 60 * s, 100 * s)).toEqual({ start_us: 20 * s, end_us: 80 * s });
  });
  it('jumps to just before gaps, and to marks, both ways', () => {
    const gaps = [{ start_us: 100 * s, end_us: 120 * s, cause: 'stream_stalled' as const }];
    const marks = [{ at_us: 300 * s, label: 'x' }];
    expect(jumpFrom(10 * s, 1, gaps, marks)).toBe(95 * s);
    expect(jumpFrom(95 * s, 1, gaps, marks)).toBe(300 * s);
    expect(jumpFrom(300 * s, 1, gaps, marks)).toBeUndefined();
    expect(jumpFrom(300 * s, -1, gaps, marks)).toBe(95 * s);
    expect(jumpFrom(95 * s, -1, gaps, marks)).toBeUndefined();
  });
  it('never asks for more than the recorder answers', () => {
    const day = 86_400 * s;
    const month = askedFor({ start_us: 100 * day, end_us: 130 * day });
    expect(month.end_us - month.start_us).toBeLessThanOrEqual(31 * day);
    expect(month.start_us).toBeLessThanOrEqual(100 * day);
    expect(askedFor({ start_us: 60 * s, end_us: 120 * s })).toEqual({ start_us: 0, end_us: 150 * s });
  });
  it('marks round times, and few enough to read', () => {
    const hour = 3600 * s;
    const marks = ticks({ start_us: 17 * hour + 5 * s, end_us: 20 * hour }, 8);
    expect(marks.length).toBeLessThanOrEqual(8);
    for (const m of marks) expect(m % (30 * 60 * s)).toBe(0);
  });
});

describe('marks', () => {
  const w = { start_us: 100, end_us: 200 };
  it('that last are in view while any of them is', () => {
    expect(inView({ at_us: 50, until_us: 120, label: '', kind: 'export' }, w, 1000)).toBe(true);
    expect(inView({ at_us: 50, until_us: 90, label: '', kind: 'export' }, w, 1000)).toBe(false);
    expect(inView({ at_us: 50, label: '', kind: 'alarm' }, w, 1000)).toBe(true);
    expect(inView({ at_us: 50, label: '', kind: 'incident' }, w, 1000)).toBe(false);
    expect(inView({ at_us: 201, label: '', kind: 'bookmark' }, w, 1000)).toBe(false);
  });
});

describe('motion', () => {
  const rates = [0, 0, ...Array.from({ length: 98 }, (_, i) => 1000 + (i % 10) * 100)];
  it('is how far a rate is above the quietest, and nothing where nothing is recorded', () => {
    const { levels, start_us, end_us } = activityOf(5, 105, rates)!;
    expect([start_us, end_us]).toEqual([5, 105]);
    expect(levels.slice(0, 4)).toEqual([undefined, undefined, 0, expect.closeTo(1 / 9)]);
    expect(levels[11]).toBe(1);
  });
  it('is not guessed from little, or from a camera of constant rate', () => {
    expect(activityOf(0, 100, [100, 900, 100])).toBeUndefined();
    expect(activityOf(0, 100, rates.map((r) => (r > 0 ? 250_000 + r : 0)))).toBeUndefined();
  });
  it('is seen where the camera tells it, however little, and guessed only where it tells nothing', () => {
    const told = motionOf(0, 5 * s, [-1, 0, 1, 100, -1])!;
    expect(told.levels).toEqual([undefined, 0, expect.closeTo(0.2575), 1, undefined]);
    expect(motionOf(0, 5 * s, [])).toBeUndefined();
    expect(motionOf(0, 5 * s, [-1, -1])).toBeUndefined();
    const guessed = { start_us: 0, end_us: 5 * s, levels: [0.1, 0.2, 0.3, 0.4, 0.5] };
    expect(guessedBeside(guessed, told)?.levels).toEqual([0.1, undefined, undefined, undefined, 0.5]);
    expect(guessedBeside(guessed, undefined)).toBe(guessed);
    expect(guessedBeside(guessed, { ...told, levels: [0, 0, 0, 0, 0] })).toBeUndefined();
  });
  it('is guessed over ten seconds and more together', () => {
    expect(coarser([10, 30, 0, 50, 70], 2)).toEqual([20, 20, 0, 50, 70]);
    expect(coarser([10, 30], 1)).toEqual([10, 30]);
  });
  it('is drawn as hills that stand on the ground at both ends of a gap', () => {
    expect(outline([undefined, 0, 1, undefined, 0.5])).toBe('M1 1V1.000H2V0.000H3V1ZM4 1V0.500H5V1Z');
    expect(outline([])).toBe('');
  });
});
