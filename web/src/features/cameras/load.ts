// How many tiles of this page can show every picture. A machine that cannot decode them all drops
// most of what comes, and every tile stands still; some tiles with key pictures only, and the others
// whole, is the better picture. Those that were opened first stay whole longest.

/** What a tile has been given to show and did not get shown, since it began. */
export interface Counted {
  pictures: number;
  dropped: number;
}
export interface Tile {
  count(): Counted;
  /** Key pictures only, or all of them. */
  reduce(keys_only: boolean): void;
}

export const look_every_ms = 2000;
const too_many_dropped = 0.25;
const few_dropped = 0.03;
/** So few pictures say nothing yet: they are counted together with those of the next look. */
const least_pictures = 20;
const first_patience = 10; // looks without trouble before more is tried
const longest_patience = 150;

export class Load {
  private readonly tiles = new Map<Tile, Counted>();
  /** Tiles that get all pictures, of those that were opened first. */
  private whole = Infinity;
  private calm = 0;
  private patience = first_patience;
  /** More was tried since there was trouble: the next time it is tried later. */
  private tried = false;

  add(tile: Tile): void {
    this.tiles.set(tile, tile.count());
    if (this.tiles.size > this.whole) tile.reduce(true);
  }
  remove(tile: Tile): void {
    this.tiles.delete(tile);
    if (this.tiles.size === 0) {
      this.whole = Infinity;
      this.patience = first_patience;
      this.calm = 0;
    } else this.tell();
  }
  get size(): number {
    return this.tiles.size;
  }
  /** Every `look_every_ms`. Of a page in the background what is dropped says nothing. */
  look(in_view = true): void {
    let pictures = 0;
    let dropped = 0;
    const seen = [...this.tiles].map(([tile, before]) => {
      const now = tile.count();
      // A picture that was begun anew counts from zero again.
      pictures += Math.max(0, now.pictures - before.pictures);
      dropped += Math.max(0, now.dropped - before.dropped);
      return [tile, now] as const;
    });
    if (in_view && pictures < least_pictures) return;
    for (const [tile, now] of seen) this.tiles.set(tile, now);
    if (!in_view) return;
    const share = dropped / pictures;
    const count = Math.min(this.whole, this.tiles.size);
    if (share > too_many_dropped && count > 0) {
      this.whole = Math.floor(count * Math.max(0.5, 1 - share));
      this.patience = this.tried ? Math.min(longest_patience, this.patience * 2) : this.patience;
      this.tried = false;
      this.calm = 0;
      this.tell();
    } else if (share < few_dropped && this.whole < this.tiles.size) {
      this.calm += 1;
      if (this.calm < this.patience) return;
      this.calm = 0;
      this.tried = true;
      this.whole += Math.max(1, Math.floor(this.tiles.size / 8));
      // All of them: one more is whole until it turns out to be too many.
      if (this.whole >= this.tiles.size) this.whole = Infinity;
      this.tell();
    } else this.calm = 0;
  }
  private tell(): void {
    let i = 0;
    for (const tile of this.tiles.keys()) tile.reduce(i++ >= this.whole);
  }
}

/** This page's. */
export const load = new Load();
