import { describe, expect, it } from 'vitest';
import { PositionMarks } from './feed.svelte';

describe('positions of a playback', () => {
  it('follow the fragment that is on the screen, across seeks', () => {
    const marks = new PositionMarks();
    marks.add(0, 1_000_000_000);
    marks.add(1, 1_001_000_000);
    marks.add(2, 5_000_000_000);
    expect(marks.at(0.5)).toBe(1_000_500_000);
    expect(marks.at(1.25)).toBe(1_001_250_000);
    expect(marks.at(2)).toBe(5_000_000_000);
    marks.clear();
    expect(marks.at(1)).toBeUndefined();
  });
});
