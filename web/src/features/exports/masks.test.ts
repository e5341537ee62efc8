import { describe, expect, it } from 'vitest';
import { draw, moved, numbered, sized, together } from './masks';

describe('rectangles of a masked copy', () => {
  it('are drawn between two corners, whichever comes first', () => {
    const box = { x: 100, y: 200, width: 300, height: 400 };
    expect(draw({ x: 100, y: 200 }, { x: 400, y: 600 })).toEqual(box);
    expect(draw({ x: 400, y: 600 }, { x: 100, y: 200 })).toEqual(box);
  });
  it('stay inside the picture however far they are dragged', () => {
    expect(draw({ x: -50, y: -50 }, { x: 2000, y: 2000 })).toEqual({ x: 0, y: 0, width: 1000, height: 1000 });
    const box = { x: 800, y: 10, width: 100, height: 100 };
    expect(moved(box, 500, -500)).toEqual({ x: 900, y: 0, width: 100, height: 100 });
    expect(sized(box, 5000, -5000)).toEqual({ x: 800, y: 10, width: 200, height: 10 });
  });
  it('are whole thousandths', () => {
    expect(moved({ x: 1, y: 1, width: 5, height: 5 }, 0.4, 0.6)).toEqual({ x: 1, y: 2, width: 5, height: 5 });
  });
});

describe('regions that somebody else looks at', () => {
  const one = (camera_id: string, from_us: number, to_us: number) => ({ camera_id, from_us, to_us, x: 1, y: 1, width: 5, height: 5 });
  const all = numbered([one('a', 0, 10), one('b', 0, 10), one('a', 5, 20), one('a', 12, 20)]);
  it('are numbered of each camera', () => {
    expect(all.map((r) => r.number)).toEqual([1, 1, 2, 3]);
    expect(all.map((r) => r.index)).toEqual([0, 1, 2, 3]);
  });
  it('are shown with those that hold at the same time on the same picture', () => {
    expect(together(all, all[0]!, 5).map((r) => r.index)).toEqual([0, 2]);
    expect(together(all, all[1]!, 5).map((r) => r.index)).toEqual([1]);
    expect(together(all, all[3]!, 16).map((r) => r.index)).toEqual([2, 3]);
    expect(together(all, all[0]!, 99).map((r) => r.index)).toEqual([0]);
  });
});
