import { describe, expect, it } from 'vitest';
import { nameOf } from './keys.svelte';
import { links, locate } from './routes';
import { bytesText, fold } from './text';
import { clockTime, dayText, elapsed, fromTyped, moment, startOfDay, storedUtc, typedMoment } from './time';

const at = Date.parse('2026-11-22T02:42:17Z') * 1000 + 123;

describe('times', () => {
  it('are shown in the zone of the province and kept in UTC', () => {
    expect(clockTime(at, 'vi-VN')).toBe('09:42:17');
    expect(dayText(at, 'vi-VN')).toBe('22/11/2026');
    expect(storedUtc(at)).toBe('2026-11-22T02:42:17.000123Z');
  });
  it('name the day when it is another one', () => {
    expect(moment(at, at + 60e6, 'en-GB')).toBe('09:42:17');
    expect(moment(at, at + 86_400e6, 'en-GB')).toBe('22/11/2026 09:42:17');
  });
  it('count up', () => {
    expect(elapsed(at, at + 252e6)).toBe('04:12');
    expect(elapsed(at, at + 5460e6)).toBe('1:31:00');
    expect(elapsed(at, at + 2 * 86_400e6 + 3 * 3600e6, 'ng')).toBe('2ng 03:00');
    expect(elapsed(at, at - 5e6)).toBe('00:00');
  });
  it('are typed in the form of the province, the day left out if it is the same', () => {
    const whole = at - 123;
    expect(typedMoment(whole)).toBe('22/11/2026 09:42:17');
    expect(fromTyped('22/11/2026 09:42:17', 0)).toBe(whole);
    expect(fromTyped(' 9:42 ', at)).toBe(whole - 17e6);
    for (const wrong of ['', '25:00', '31/02/2026 10:00', 'hôm qua']) expect(fromTyped(wrong, at)).toBeUndefined();
  });
  it('know midnight in the province', () => {
    expect(storedUtc(startOfDay(at))).toBe('2026-11-21T17:00:00.000000Z');
    const late = Date.parse('2026-11-22T18:00:00Z') * 1000;
    expect(storedUtc(startOfDay(late))).toBe('2026-11-22T17:00:00.000000Z');
  });
});

describe('addresses', () => {
  it('lead to their screens', () => {
    expect(locate('/').screen).toBe('situation');
    expect(locate(links.incident('abc'))).toEqual({ screen: 'incident', params: { id: 'abc' } });
    expect(locate(links.event(12))).toEqual({ screen: 'administration', params: { tab: 'journal', id: '12' } });
  });
  it('that are none are not found', () => {
    expect(locate('/nothing').screen).toBe('not_found');
    expect(locate('/incidents/%E0%A4%A').screen).toBe('not_found');
  });
});

describe('keys', () => {
  const plain = { ctrlKey: false, altKey: false, metaKey: false, shiftKey: false };
  it('are named as they are shown', () => {
    expect(nameOf({ ...plain, key: 'n' })).toBe('N');
    expect(nameOf({ ...plain, key: '?', shiftKey: true })).toBe('?');
    expect(nameOf({ ...plain, key: 'Enter', ctrlKey: true })).toBe('Ctrl Enter');
    expect(nameOf({ ...plain, key: 'ArrowLeft', shiftKey: true })).toBe('Shift ←');
    expect(nameOf({ ...plain, key: 'F2' })).toBe('F2');
  });
});

describe('text', () => {
  it('is compared without marks', () => {
    expect(fold(' Đa Mai ')).toBe('da mai');
    expect(fold('Nhân Hoà')).toBe(fold('nhan hoa'));
  });
  it('gives sizes in round units', () => {
    expect(bytesText(999, 'en-GB')).toBe('999 B');
    expect(bytesText(1_480_000, 'vi-VN')).toBe('1,5 MB');
  });
});
