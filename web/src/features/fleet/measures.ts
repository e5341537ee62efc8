// Measurements as people read them, and what is out of the ordinary in them. Nothing here knows of
// the page.
import type { CameraHealth } from '../../api/types';

export type Tone = 'plain' | 'warn' | 'bad';

/** Above these a picture suffers, or its time cannot be trusted as evidence. */
export const limits = {
  lost_ppm: 1_000, // one packet in a thousand: visible damage about once a minute at 2 Mb/s
  lost_bad_ppm: 10_000,
  clock_offset_ms: 2_000, // evidence times are ours; the burned-in clock of the camera is not
  key_interval_ms: 10_000, // a live picture would take that long to begin
  stored_behind_ms: 5_000,
};

export interface Measure {
  id: 'bit_rate' | 'frame_rate' | 'lost' | 'key_interval' | 'clock_offset' | 'stored_behind';
  value: number;
  unit: string;
  digits: number;
  tone: Tone;
}

export function measures(h: CameraHealth): Measure[] {
  const out: Measure[] = [];
  const add = (id: Measure['id'], value: number | undefined, unit: string, digits: number, tone: Tone = 'plain') => {
    if (value !== undefined) out.push({ id, value, unit, digits, tone });
  };
  if (h.streams) {
    add('bit_rate', h.bit_rate_kbps / 1000, 'Mb/s', 2);
    add('frame_rate', h.frame_rate_mhz / 1000, '/s', 1, h.frame_rate_mhz === 0 ? 'bad' : 'plain');
    add('lost', h.lost_ppm / 10_000, '%', 2, h.lost_ppm >= limits.lost_bad_ppm ? 'bad' : h.lost_ppm >= limits.lost_ppm ? 'warn' : 'plain');
    const key = h.key_interval_ms;
    add('key_interval', key === undefined ? undefined : key / 1000, 's', 1, (key ?? 0) > limits.key_interval_ms ? 'warn' : 'plain');
    const off = h.clock_offset_ms;
    add('clock_offset', off === undefined ? undefined : off / 1000, 's', 2, Math.abs(off ?? 0) > limits.clock_offset_ms ? 'warn' : 'plain');
    const behind = h.stored_behind_ms;
    add('stored_behind', behind === undefined ? undefined : behind / 1000, 's', 1, (behind ?? 0) > limits.stored_behind_ms ? 'bad' : 'plain');
  }
  return out;
}

/** The worst of a camera's measures. */
export function toneOf(h: CameraHealth | undefined): Tone {
  const tones = h ? measures(h).map((m) => m.tone) : [];
  return tones.includes('bad') ? 'bad' : tones.includes('warn') ? 'warn' : 'plain';
}

/** 9987 -> 99.87; nothing where no time counted. */
export function percent(share: number | undefined): number | undefined {
  return share === undefined ? undefined : share / 100;
}

/** Points of a line through the values, from 0 at the bottom to the highest at the top; a hole
 * between quarter-hours that are missing. */
export function lines(
  rows: readonly { start_us: number; value: number | undefined }[], from_us: number, to_us: number, bucket_us: number, width: number, height: number,
): { paths: string[]; most: number } {
  const most = Math.max(0, ...rows.map((r) => r.value ?? 0));
  const paths: string[] = [];
  let last: number | undefined;
  for (const { start_us, value } of rows) {
    if (value === undefined) {
      last = undefined;
      continue;
    }
    const x = ((start_us + bucket_us / 2 - from_us) / (to_us - from_us)) * width;
    const y = most > 0 ? height - (value / most) * height : height;
    const at = `${x.toFixed(1)} ${y.toFixed(1)}`;
    if (last !== undefined && start_us - last <= bucket_us * 1.5) paths[paths.length - 1] += `L${at}`;
    else paths.push(`M${at}`);
    last = start_us;
  }
  return { paths, most };
}
