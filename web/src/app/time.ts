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

/** A moment as it is typed, `22/11/2026 09:42:17` in the province's time, and back. The day or the
 * seconds may be left out: the day is then that of near_us. */
export function typedMoment(at_us: number): string {
  const [date, time] = new Date(at_us / 1000 + 7 * 3_600_000).toISOString().slice(0, 19).split('T') as [string, string];
  return `${date.split('-').reverse().join('/')} ${time}`;
}
export function fromTyped(text: string, near_us: number): number | undefined {
  const match = /^(?:(\d{1,2})\/(\d{1,2})\/(\d{4})\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  if (!match) return undefined;
  const [day, month, year, hour, minute, second = 0] = match.slice(1).map((m) => (m === undefined ? undefined : Number(m)));
  if (hour! > 23 || minute! > 59 || second > 59) return undefined;
  const in_day_us = ((hour! * 60 + minute!) * 60 + second) * 1_000_000;
  if (day === undefined) return startOfDay(near_us) + in_day_us;
  const at = new Date(Date.UTC(year!, month! - 1, day));
  if (at.getUTCDate() !== day || at.getUTCMonth() !== month! - 1) return undefined;
  return at.getTime() * 1000 - 7 * 3_600_000_000 + in_day_us;
}

/** Midnight of the day in the province's time. */
export function startOfDay(at_us: number): number {
  const shift = 7 * 3_600_000_000;
  const day_us = 86_400_000_000;
  return Math.floor((at_us + shift) / day_us) * day_us - shift;
}
