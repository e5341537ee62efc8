// Times come as microseconds since the epoch in UTC and are shown in Asia/Ho_Chi_Minh.
const zone = 'Asia/Ho_Chi_Minh';
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: 'h23', ...options });
    formatters.set(key, found);
  }
  return found;
}

const two = { hour: '2-digit', minute: '2-digit' } as const;
const day = { day: '2-digit', month: '2-digit', year: 'numeric' } as const;
const date = (at_us: number): Date => new Date(at_us / 1000);

export const clockTime = (at_us: number, locale: string): string =>
  formatter(locale, { ...two, second: '2-digit' }).format(date(at_us));
export const shortTime = (at_us: number, locale: string): string =>
  formatter(locale, two).format(date(at_us));
export const dayText = (at_us: number, locale: string): string =>
  formatter(locale, day).format(date(at_us));
export const weekday = (at_us: number, locale: string): string =>
  formatter(locale, { weekday: 'short' }).format(date(at_us));

/** Time alone on the same day, date and time otherwise. */
export function moment(at_us: number, now_us: number, locale: string): string {
  const time = clockTime(at_us, locale);
  const on = dayText(at_us, locale);
  return on === dayText(now_us, locale) ? time : `${on} ${time}`;
}

/** What is stored, to the microsecond: 2026-11-22T02:42:17.000123Z. */
export function storedUtc(at_us: number): string {
  const whole = Math.floor(at_us / 1_000_000);
  const rest = String(at_us - whole * 1_000_000).padStart(6, '0');
  return `${new Date(whole * 1000).toISOString().slice(0, 19)}.${rest}Z`;
}

/** 04:12, 1:31:00; above a day 2 d 03:10 with the letter given. */
export function elapsed(from_us: number, to_us: number, day_letter = 'd'): string {
  const total = Math.max(0, Math.floor((to_us - from_us) / 1_000_000));
  const s = String(total % 60).padStart(2, '0');
  const m = Math.floor(total / 60) % 60;
  const h = Math.floor(total / 3600) % 24;
  const days = Math.floor(total / 86_400);
  const mm = String(m).padStart(2, '0');
  if (days > 0) return `${days}${day_letter} ${String(h).padStart(2, '0')}:${mm}`;
  return h > 0 ? `${h}:${mm}:${s}` : `${mm}:${s}`;
}

/** Value of <input type="datetime-local"> in the province's time, and back. */
export function toLocalInput(at_us: number): string {
  return new Date(at_us / 1000 + 7 * 3_600_000).toISOString().slice(0, 19);
}
export function fromLocalInput(text: string): number | undefined {
  const ms = Date.parse(`${text}Z`);
  return Number.isNaN(ms) ? undefined : (ms - 7 * 3_600_000) * 1000;
}

/** Midnight of the day in the province's time. */
export function startOfDay(at_us: number): number {
  const shift = 7 * 3_600_000_000;
  const day_us = 86_400_000_000;
  return Math.floor((at_us + shift) / day_us) * day_us - shift;
}
