// What of a playback is loaded: which wall time each moment of the buffer shows, where its pictures
// begin, and the gaps the recorder told of. Pure.
import type { Gap } from '../../api/types';

const least_frame_s = 0.001;
const most_kept = 600;

interface Piece {
  /** Where it begins in the buffer. */
  at_s: number;
  position_us: number;
  /** Where each picture begins in the buffer, in the order they are shown. */
  pictures: number[];
  end_s: number;
}
export type Place =
  | { kind: 'loaded'; time_s: number }
  | { kind: 'gap'; gap: Gap }
  | { kind: 'not_loaded'; ahead: boolean };

/** Boxes of an MP4 that hold boxes on the way to what is read here. */
const containers = new Set(['moov', 'trak', 'mdia', 'moof', 'traf']);
function* boxes(view: DataView, from = 0, to = view.byteLength): Generator<[string, number, number]> {
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    const name = String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));
    if (size < 8 || at + size > to) return;
    yield [name, at + 8, at + size];
    if (containers.has(name)) yield* boxes(view, at + 8, at + size);
    at += size;
  }
}
/** Ticks a second of an init segment's track. */
export function timescaleOf(init: ArrayBuffer): number | undefined {
  const view = new DataView(init);
  for (const [name, at] of boxes(view)) if (name === 'mdhd') return view.getUint32(at + (view.getUint8(at) === 1 ? 20 : 12));
  return undefined;
}
/** Of a media segment's pictures, in the order they are shown: where each begins and how long all last, in ticks. */
export function picturesOf(segment: ArrayBuffer): { begins: number[]; length: number } {
  const view = new DataView(segment);
  const begins: number[] = [];
  let decoded = 0;
  let usual = 0;
  for (const [name, at] of boxes(view)) {
    if (name === 'tfhd') {
      const flags = view.getUint32(at) & 0xffffff;
      const skip = 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0);
      usual = flags & 8 ? view.getUint32(at + skip) : 0;
    }
    if (name !== 'trun') continue;
    const head = view.getUint32(at);
    const count = view.getUint32(at + 4);
    let p = at + 8 + (head & 1 ? 4 : 0) + (head & 4 ? 4 : 0);
    for (let i = 0; i < count; i += 1) {
      const duration = head & 0x100 ? view.getUint32(p) : usual;
      if (head & 0x100) p += 4;
      if (head & 0x200) p += 4;
      if (head & 0x400) p += 4;
      const offset = head & 0x800 ? view.getInt32(p) : 0;
      if (head & 0x800) p += 4;
      begins.push(decoded + offset);
      decoded += duration;
    }
  }
  begins.sort((a, b) => a - b);
  const first = begins[0] ?? 0;
  return { begins: begins.map((b) => b - first), length: decoded };
}

export class Footage {
  private pieces: Piece[] = [];
  private gaps: Gap[] = [];
  private timescale = 90_000;

  init(segment: ArrayBuffer): void {
    this.timescale = timescaleOf(segment) ?? this.timescale;
  }
  add(at_s: number, position_us: number, segment: ArrayBuffer): void {
    const { begins, length } = picturesOf(segment);
    this.pieces.push({
      at_s, position_us, end_s: at_s + length / this.timescale, pictures: begins.map((b) => at_s + b / this.timescale),
    });
    if (this.pieces.length > most_kept) this.pieces.splice(0, most_kept / 2);
  }
  addGap(gap: Gap): void {
    this.gaps = [...this.gaps.filter((g) => g.start_us !== gap.start_us), gap].slice(-100);
  }
  clear(): void {
    this.pieces = [];
    this.gaps = [];
  }
  /** The wall time that this moment of the buffer shows. */
  positionAt(time_s: number): number | undefined {
    for (let i = this.pieces.length - 1; i >= 0; i -= 1) {
      const piece = this.pieces[i]!;
      if (piece.at_s <= time_s + least_frame_s) return piece.position_us + Math.round((time_s - piece.at_s) * 1e6);
    }
    return undefined;
  }
  /** Where in the buffer this wall time is. */
  place(at_us: number): Place {
    const gap = this.gaps.find((g) => g.start_us <= at_us && at_us < (g.end_us ?? Infinity));
    if (gap) return { kind: 'gap', gap };
    let ahead = true;
    for (const [i, piece] of this.pieces.entries()) {
      if (at_us < piece.position_us) {
        // Between two pieces that follow each other there is nothing but rounding.
        if (i > 0) return { kind: 'loaded', time_s: piece.at_s };
        ahead = false;
        break;
      }
      const time_s = piece.at_s + (at_us - piece.position_us) / 1e6;
      if (time_s < piece.end_s) return { kind: 'loaded', time_s };
    }
    return { kind: 'not_loaded', ahead };
  }
  /** Where the picture before or after the one shown begins; undefined when it is not loaded. */
  step(time_s: number, by: 1 | -1): number | undefined {
    const all = this.pieces.flatMap((p) => p.pictures);
    let shown = -1;
    for (const [i, at] of all.entries()) if (at <= time_s + least_frame_s) shown = i;
    return shown < 0 ? undefined : all[shown + by];
  }
  /** Where the picture shown at this moment begins. */
  begin(time_s: number): number | undefined {
    let found: number | undefined;
    for (const p of this.pieces) for (const at of p.pictures) if (at <= time_s + least_frame_s) found = at;
    return found;
  }
  first(): number | undefined {
    return this.pieces[0]?.at_s;
  }
}
