// The arithmetic of the time bar: which window is shown, what lies in it, where to go.
import type { Gap, Span } from '../../api/types';

export interface Stretch {
  start_us: number;
  end_us: number;
}
const second_us = 1_000_000;

/** Spans that touch (a second apart at most) as one stretch. */
export function joined(spans: readonly Span[]): Stretch[] {
  const out: Stretch[] = [];
  for (const s of [...spans].sort((a, b) => a.start_us - b.start_us)) {
    const last = out[out.length - 1];
    if (last && s.start_us - last.end_us <= second_us) last.end_us = Math.max(last.end_us, s.end_us);
    else out.push({ start_us: s.start_us, end_us: s.end_us });
  }
  return out;
}

/** First recorded moment at or after this one; undefined when nothing follows. */
export function nextRecorded(stretches: readonly Stretch[], at_us: number): number | undefined {
  for (const s of stretches) if (at_us < s.end_us) return Math.max(at_us, s.start_us);
  return undefined;
}

export function gapAt<G extends Gap>(gaps: readonly G[], at_us: number, now_us: number): G | undefined {
  return gaps.find((g) => g.start_us <= at_us && at_us < (g.end_us ?? now_us));
}

/** From a minute to thirty days. */
export const windows_us = [1, 3, 10, 30, 60, 180, 720, 1440, 3 * 1440, 7 * 1440, 30 * 1440].map((m) => m * 60 * second_us);
export const hour_window = 4;
/** The most that the recorder answers for at once. */
const most_asked_us = 31 * 86_400 * second_us;

/** What is asked for around a window, so that a small move finds it loaded. */
export function askedFor(w: Stretch): Stretch {
  const length = w.end_us - w.start_us;
  const end_us = Math.round(w.end_us + Math.min(length / 2, (most_asked_us - length) / 2));
  return { start_us: Math.round(Math.max(w.start_us - length, end_us - most_asked_us)), end_us };
}

/** Something on the bar that one can jump to. */
export type MarkKind = 'incident' | 'alarm' | 'bookmark' | 'export';
export interface Mark {
  at_us: number;
  label: string;
  kind?: MarkKind;
  /** Of what lasts: a line along it is drawn too. Absent: a moment, or not over yet. */
  until_us?: number;
}
export const mark_kinds: readonly MarkKind[] = ['incident', 'alarm', 'bookmark', 'export'];
/** Whether a mark is somewhere in this window. */
export function inView(m: Mark, w: Stretch, now_us: number): boolean {
  const lasts = m.kind === 'alarm' ? (m.until_us ?? now_us) : (m.until_us ?? m.at_us);
  return m.at_us <= w.end_us && lasts >= w.start_us;
}
/** A jump to a gap arrives this long before it, to see how it began. */
export const before_gap_us = 5 * second_us;
/** The next, or the one before, of gaps and marks. */
export function jumpFrom(at_us: number, by: 1 | -1, gaps: readonly Gap[], marks: readonly Mark[]): number | undefined {
  const all = [...gaps.map((g) => g.start_us - before_gap_us), ...marks.map((m) => m.at_us)].sort((a, b) => a - b);
  return by > 0 ? all.find((a) => a > at_us + second_us) : all.reverse().find((a) => a < at_us - second_us);
}

/** A window of this length around a moment, not reaching past now. */
export function windowAround(at_us: number, length_us: number, now_us: number): Stretch {
  const end_us = Math.min(now_us, at_us + length_us / 2);
  return { start_us: end_us - length_us, end_us };
}

/** Round marks for a window, at most `most` of them. */
export function ticks(w: Stretch, most: number): number[] {
  const steps = [1 / 6, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200].map((m) => m * 60 * second_us);
  const step = steps.find((s) => (w.end_us - w.start_us) / s <= most) ?? steps[steps.length - 1]!;
  const zone = 7 * 3600 * second_us;
  const first = Math.ceil((w.start_us + zone) / step) * step - zone;
  const out: number[] = [];
  for (let t = first; t < w.end_us; t += step) out.push(t);
  return out;
}

/** How much moved, as far as the rate of the footage tells: 0 to 1 for equal parts of a time, and
 * nothing where nothing is recorded. */
export interface Activity extends Stretch {
  levels: readonly (number | undefined)[];
}
/** Of the rates of a camera that sends more the more moves. The quietest of the time is 0, what is
 * busier than nearly all of it is 1. Nothing for a camera of constant rate, which says nothing. */
export function activityOf(start_us: number, end_us: number, bytes_per_s: readonly number[]): Activity | undefined {
  const sorted = bytes_per_s.filter((r) => r > 0).sort((a, b) => a - b);
  if (sorted.length < 8) return undefined;
  const low = sorted[Math.floor(sorted.length * 0.05)]!;
  const high = sorted[Math.floor(sorted.length * 0.98)]!;
  if (high < low * 1.15) return undefined;
  const levels = bytes_per_s.map((r) => (r > 0 ? Math.min(1, Math.max(0, (r - low) / (high - low))) : undefined));
  return { start_us, end_us, levels };
}
/** The same rates over so many parts together, each part still given: what is finer than this says
 * nothing of a camera that sends a key picture every few seconds. */
export function coarser(bytes_per_s: readonly number[], group: number): number[] {
  return bytes_per_s.map((rate, i) => {
    if (rate <= 0) return 0;
    const first = Math.floor(i / group) * group;
    const some = bytes_per_s.slice(first, first + group).filter((r) => r > 0);
    return some.reduce((a, b) => a + b, 0) / some.length;
  });
}
/** Of percentages as the camera told them, -1 where it told nothing. The least motion can be seen. */
export function motionOf(start_us: number, end_us: number, percentages: readonly number[]): Activity | undefined {
  if (!percentages.some((p) => p >= 0)) return undefined;
  return { start_us, end_us, levels: percentages.map((p) => (p < 0 ? undefined : p === 0 ? 0 : 0.25 + 0.75 * (p / 100))) };
}
/** What is guessed where nothing was told. */
export function guessedBeside(guessed: Activity | undefined, told: Activity | undefined): Activity | undefined {
  if (!guessed || !told) return guessed;
  const levels = guessed.levels.map((level, i) => (told.levels[i] === undefined ? level : undefined));
  return levels.some((level) => level !== undefined) ? { ...guessed, levels } : undefined;
}
/** A path in a box of one unit a part and height 1. */
export function outline(levels: readonly (number | undefined)[]): string {
  let path = '';
  let open = false;
  levels.forEach((level, i) => {
    if (level !== undefined) {
      const y = (1 - level).toFixed(3);
      path += open ? `V${y}H${i + 1}` : `M${i} 1V${y}H${i + 1}`;
    } else if (open) path += 'V1Z';
    open = level !== undefined;
  });
  return open ? `${path}V1Z` : path;
}
