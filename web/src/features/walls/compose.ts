// What a wall shows in each tile: its layout, with the events that cover the end of it for a while.
import type { Wall, WallEvent } from '../../api/types';

export interface WallTile {
  /** None: an empty tile. */
  camera_id: string | undefined;
  event: WallEvent | undefined;
}

/** Events take empty tiles first, then tiles from the last one back, the oldest event nearest the
 * end. A camera that the layout shows already is marked where it is. One tile alone gives way to
 * four while there are events, so that what was put on the wall stays in sight. */
export function compose(wall: Pick<Wall, 'tiles' | 'cameras' | 'events'>, now_us: number): { side: number; tiles: WallTile[] } {
  const events = wall.events.filter((e) => e.until_us > now_us);
  const count = events.length > 0 ? Math.max(4, wall.tiles) : wall.tiles;
  const tiles: WallTile[] = Array.from({ length: count }, (_, i) => ({ camera_id: wall.cameras[i], event: undefined }));
  const free = [...tiles.keys()].filter((i) => !tiles[i]!.camera_id);
  const used = [...tiles.keys()].reverse().filter((i) => tiles[i]!.camera_id && (wall.tiles > 1 || i > 0));
  for (const event of events) {
    for (const camera_id of event.cameras) {
      const shown = tiles.find((tile) => tile.camera_id === camera_id);
      if (shown) {
        shown.event ??= event;
        continue;
      }
      let at = free.shift();
      while (at === undefined && used.length > 0) {
        const next = used.shift()!;
        if (!tiles[next]!.event) at = next;
      }
      if (at === undefined) return { side: Math.sqrt(count), tiles };
      tiles[at] = { camera_id, event };
    }
  }
  return { side: Math.sqrt(count), tiles };
}

/** "4:05", or "1:04:05". */
export function left(until_us: number, now_us: number): string {
  const s = Math.max(0, Math.ceil((until_us - now_us) / 1e6));
  const two = (n: number) => String(n).padStart(2, '0');
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}
