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
/** So few pictures say nothing. */
const least_pictures = 20;
const first_patience = 10; // looks without trouble before more is tried
const longest_patience = 150;

export class Load {
  private readonly tiles = new Map<Tile, Counted>();
  /** Tiles that get all pictures, of those that were opened first. */
  private whole = Infinity;
  private calm = 0;
  private patience = first_patience;
  /** The last step up, which trouble soon after takes back. */
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
  isWhole(tile: Tile): boolean {
    return [...this.tiles.keys()].indexOf(tile) < this.whole;
  }
  /** Every `look_every_ms`. A page in the background shows nothing and is not looked at. */
  look(): void {
    let pictures = 0;
    let dropped = 0;
    for (const [tile, before] of this.tiles) {
      const now = tile.count();
      // A picture that was begun anew counts from zero again.
      pictures += Math.max(0, now.pictures - before.pictures);
      dropped += Math.max(0, now.dropped - before.dropped);
      this.tiles.set(tile, now);
    }
    if (pictures < least_pictures) return;
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
      this.whole = Math.min(this.tiles.size, this.whole + Math.max(1, Math.floor(this.tiles.size / 8)));
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
