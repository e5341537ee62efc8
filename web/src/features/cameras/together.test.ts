import { describe, expect, it } from 'vitest';
import { CommonClock } from './together';

describe('the common clock', () => {
  it('runs at its speed from where it was set, and stands while paused', () => {
    const clock = new CommonClock(1e9, 1000);
    expect(clock.at(1500)).toBe(1e9 + 500_000);
    clock.setSpeed(4, 2000);
    expect(clock.at(2000)).toBe(1e9 + 1e6);
    expect(clock.at(3000)).toBe(1e9 + 5e6);
    clock.pause(true, 3000);
    expect(clock.at(9000)).toBe(1e9 + 5e6);
    clock.set(7e9, 9000);
    clock.pause(false, 10_000);
    expect(clock.at(10_500)).toBe(7e9 + 2e6);
  });

  it('stands while it waits for pictures, and goes on from there', () => {
    const clock = new CommonClock(1e9, 1000);
    clock.wait(true, 2000);
    expect(clock.at(5000)).toBe(1e9 + 1e6);
    clock.wait(false, 6000);
    expect(clock.at(7000)).toBe(1e9 + 2e6);
    clock.wait(true, 7000);
    clock.pause(true, 8000);
    clock.wait(false, 9000);
    expect(clock.at(20_000)).toBe(1e9 + 2e6);
  });
});
