import { describe, expect, it } from 'vitest';
import { Load, type Tile } from './load';

/** A machine that shows at most `most` pictures a look; of each tile come 30, or 2 key pictures. */
class Wall {
  readonly load = new Load();
  readonly tiles: (Tile & { keys_only: boolean; pictures: number; dropped: number })[] = [];
  constructor(public most: number, count: number) {
    for (let i = 0; i < count; i += 1) this.open();
  }
  open() {
    const tile = {
      keys_only: false, pictures: 0, dropped: 0,
      count() { return { pictures: this.pictures, dropped: this.dropped }; },
      reduce(keys_only: boolean) { this.keys_only = keys_only; },
    };
    this.tiles.push(tile);
    this.load.add(tile);
    return tile;
  }
  run(looks: number) {
    for (let i = 0; i < looks; i += 1) {
      const come = this.tiles.map((t) => (t.keys_only ? 2 : 30));
      const all = come.reduce((a, b) => a + b, 0);
      const share = Math.max(0, 1 - this.most / all);
      this.tiles.forEach((t, k) => {
        t.pictures += come[k]!;
        t.dropped += come[k]! * share;
      });
      this.load.look();
    }
  }
  get whole() {
    return this.tiles.filter((t) => !t.keys_only).length;
  }
}

describe('tiles on a machine', () => {
  it('that shows them all are left alone', () => {
    const wall = new Wall(2000, 64);
    wall.run(100);
    expect(wall.whole).toBe(64);
  });
  it('that is far too slow come down to what it shows, the first opened staying whole', () => {
    const wall = new Wall(500, 64);
    wall.run(5);
    expect(wall.whole).toBeGreaterThan(5);
    expect(wall.whole).toBeLessThan(17);
    expect(wall.tiles[0]!.keys_only).toBe(false);
    expect(wall.tiles[63]!.keys_only).toBe(true);
  });
  it('become whole again when it has room, and are tried more and more rarely where it has none', () => {
    const wall = new Wall(500, 64);
    wall.run(5);
    const low = wall.whole;
    let changes = 0;
    let before = low;
    for (let i = 0; i < 600; i += 1) {
      wall.run(1);
      if (wall.whole !== before) changes += 1;
      before = wall.whole;
    }
    expect(changes).toBeLessThan(30);
    wall.most = 3000;
    wall.run(2000);
    expect(wall.whole).toBe(64);
  });
  it('that are closed make room, and a new one is told at once', () => {
    const wall = new Wall(500, 64);
    wall.run(5);
    const low = wall.whole;
    expect(wall.open().keys_only).toBe(true);
    for (let i = 0; i < low; i += 1) wall.load.remove(wall.tiles.shift()!);
    expect(wall.whole).toBe(low);
    for (const tile of wall.tiles.splice(0)) wall.load.remove(tile);
    expect(wall.open().keys_only).toBe(false);
  });
  it('that are few come back from key pictures, too', () => {
    const wall = new Wall(10, 4);
    wall.run(6);
    expect(wall.whole).toBe(0);
    wall.most = 1000;
    wall.run(400);
    expect(wall.whole).toBe(4);
    expect(wall.open().keys_only).toBe(false);
  });
  it('of a page in the background are left as they are, and what it dropped is forgotten', () => {
    const wall = new Wall(2000, 64);
    wall.run(5);
    for (const tile of wall.tiles) {
      tile.pictures += 10_000;
      tile.dropped += 10_000;
    }
    wall.load.look(false);
    wall.run(5);
    expect(wall.whole).toBe(64);
  });
  it('that draw nothing say nothing', () => {
    const wall = new Wall(500, 64);
    for (let i = 0; i < 50; i += 1) wall.load.look();
    expect(wall.whole).toBe(64);
  });
});
