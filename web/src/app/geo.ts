// Distances and circles on the ground; WGS 84 degrees in, metres out.
export interface Point {
  lat: number;
  lon: number;
}
const earth_m = 6_371_008.8;
const rad = Math.PI / 180;

export function distance_m(a: Point, b: Point): number {
  const dlat = (b.lat - a.lat) * rad;
  const dlon = (b.lon - a.lon) * rad;
  const h =
    Math.sin(dlat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dlon / 2) ** 2;
  return 2 * earth_m * Math.asin(Math.sqrt(h));
}

export function placed<T extends { lat?: number | undefined; lon?: number | undefined }>(
  record: T | undefined,
): record is T & Point {
  return record?.lat !== undefined && record.lon !== undefined;
}

/** The nearest first, each with its distance; records without a place are left out. */
export function nearest<T extends { lat?: number | undefined; lon?: number | undefined }>(
  from: Point, records: Iterable<T>, limit: number, within_m = Infinity,
): { record: T; away_m: number }[] {
  const found: { record: T; away_m: number }[] = [];
  for (const record of records) {
    if (!placed(record)) continue;
    const away_m = distance_m(from, record);
    if (away_m <= within_m) found.push({ record, away_m });
  }
  return found.sort((a, b) => a.away_m - b.away_m).slice(0, limit);
}

export function circle(centre: Point, radius_m: number, corners = 64): [number, number][] {
  const dlat = radius_m / earth_m / rad;
  const dlon = dlat / Math.cos(centre.lat * rad);
  return Array.from({ length: corners + 1 }, (_, i): [number, number] => {
    const a = (i / corners) * 2 * Math.PI;
    return [centre.lon + dlon * Math.cos(a), centre.lat + dlat * Math.sin(a)];
  });
}

/** 180 m, 1,2 km. */
export function distanceText(m: number, locale: string): string {
  if (m < 995) return `${Math.round(m / 10) * 10} m`;
  const digits = m < 9950 ? 1 : 0;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(m / 1000)} km`;
}

/** Smallest box around all coordinates of a GeoJSON collection: west, south, east, north. */
export function bounds(features: readonly unknown[]): [number, number, number, number] | undefined {
  let box: [number, number, number, number] | undefined;
  const visit = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    const [x, y] = value as unknown[];
    if (typeof x === 'number' && typeof y === 'number') {
      box = box
        ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)]
        : [x, y, x, y];
    } else value.forEach(visit);
  };
  for (const f of features) visit((f as { geometry?: { coordinates?: unknown } }).geometry?.coordinates);
  return box;
}
