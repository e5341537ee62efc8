import { describe, expect, it } from 'vitest';
import type { WallEvent } from '../../api/types';
import { compose, left } from './compose';

const event = (id: string, cameras: string[], until_us = 100): WallEvent => ({ id, cause: 'incident', cause_id: id, cameras, since_us: 0, until_us });
const shown = (wall: Parameters<typeof compose>[0], now_us = 0) =>
  compose(wall, now_us).tiles.map((t) => `${t.camera_id ?? '-'}${t.event ? `!${t.event.id}` : ''}`).join(' ');

describe('what a wall shows', () => {
  const tiles = 4 as const;
  it('is its layout, and empty tiles', () => {
    expect(shown({ tiles, cameras: ['a', 'b'], events: [] })).toBe('a b - -');
  });
  it('puts events into empty tiles first, then covers from the end', () => {
    expect(shown({ tiles, cameras: ['a', 'b', 'c'], events: [event('1', ['x', 'y'])] })).toBe('a b y!1 x!1');
  });
  it('marks a camera where it is already', () => {
    expect(shown({ tiles, cameras: ['a', 'b', 'c', 'd'], events: [event('1', ['b', 'x'])] })).toBe('a b!1 c x!1');
  });
  it('covers no event with another, and stops when all tiles are taken', () => {
    expect(shown({ tiles, cameras: [], events: [event('1', ['p', 'q', 'r']), event('2', ['s', 't'])] })).toBe('p!1 q!1 r!1 s!2');
  });
  it('keeps the one picture in sight beside the events', () => {
    expect(shown({ tiles: 1, cameras: ['a'], events: [event('1', ['x', 'y', 'z', 'w'])] })).toBe('a x!1 y!1 z!1');
    expect(shown({ tiles: 1, cameras: ['a'], events: [] })).toBe('a');
  });
  it('hands tiles back when the time is over', () => {
    expect(shown({ tiles, cameras: ['a', 'b', 'c', 'd'], events: [event('1', ['x'])] }, 100)).toBe('a b c d');
  });
  it('counts the time that is left', () => {
    expect(left(245e6, 0)).toBe('4:05');
    expect(left(3_845e6, 0)).toBe('1:04:05');
    expect(left(0, 5)).toBe('0:00');
  });
});
