// Rectangles of a masked copy, in thousandths of the picture. They stay inside it and are never
// smaller than a hundredth of its side.
import type { ExportMask } from '../../api/types';

export const most_masks = 100;
const least = 10;
export interface Point {
  x: number;
  y: number;
}
type Box = Pick<ExportMask, 'x' | 'y' | 'width' | 'height'>;
const within = (value: number, low: number, high: number) => Math.round(Math.min(high, Math.max(low, value)));

/** Between two corners, whichever is which. */
export function draw(a: Point, b: Point): Box {
  const x = within(Math.min(a.x, b.x), 0, 999);
  const y = within(Math.min(a.y, b.y), 0, 999);
  return { x, y, width: within(Math.max(a.x, b.x) - x, 1, 1000 - x), height: within(Math.max(a.y, b.y) - y, 1, 1000 - y) };
}
export const moved = (m: Box, x: number, y: number): Box => ({
  ...m, x: within(m.x + x, 0, 1000 - m.width), y: within(m.y + y, 0, 1000 - m.height),
});
export const sized = (m: Box, x: number, y: number): Box => ({
  ...m, width: within(m.width + x, Math.min(least, 1000 - m.x), 1000 - m.x), height: within(m.height + y, Math.min(least, 1000 - m.y), 1000 - m.y),
});

export interface Region {
  index: number;
  /** Of its camera's, from 1 on. */
  number: number;
  mask: ExportMask;
}
export function numbered(masks: readonly ExportMask[]): Region[] {
  const of = new Map<string, number>();
  return masks.map((mask, index) => {
    const number = (of.get(mask.camera_id) ?? 0) + 1;
    of.set(mask.camera_id, number);
    return { index, number, mask };
  });
}
/** What is painted over at that moment of one region's camera; that region in any case. */
export const together = (all: readonly Region[], one: Region, at_us: number): Region[] =>
  all.filter((r) => r === one || (r.mask.camera_id === one.mask.camera_id && r.mask.from_us <= at_us && at_us < r.mask.to_us));
