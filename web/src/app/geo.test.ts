import { describe, expect, it } from 'vitest';
import { bounds, circle, distance_m, distanceText, nearest } from './geo';

const bac_ninh = { lat: 21.1861, lon: 106.0763 };
const bac_giang = { lat: 21.2849, lon: 106.21542 };

describe('the ground', () => {
  it('measures as the crow flies', () => {
    expect(distance_m(bac_ninh, bac_giang)).toBeGreaterThan(18_000);
    expect(distance_m(bac_ninh, bac_giang)).toBeLessThan(18_200);
    expect(distance_m(bac_ninh, bac_ninh)).toBe(0);
  });
  it('puts the nearest first and leaves out what has no place or is too far', () => {
    const list: { id: string; lat?: number; lon?: number }[] = [{ id: 'far', ...bac_giang }, { id: 'none' }, { id: 'near', lat: 21.187, lon: 106.077 }];
    expect(nearest(bac_ninh, list, 5).map((n) => n.record.id)).toEqual(['near', 'far']);
    expect(nearest(bac_ninh, list, 5, 1000).map((n) => n.record.id)).toEqual(['near']);
    expect(nearest(bac_ninh, list, 1).length).toBe(1);
  });
  it('draws circles of the radius asked for', () => {
    for (const [lon, lat] of circle(bac_ninh, 2000)) {
      expect(distance_m(bac_ninh, { lat, lon })).toBeCloseTo(2000, -1);
    }
  });
  it('says distances in the form of the reader', () => {
    expect(distanceText(184, 'vi-VN')).toBe('180 m');
    expect(distanceText(1240, 'vi-VN')).toBe('1,2 km');
    expect(distanceText(18_100, 'en-GB')).toBe('18 km');
  });
  it('finds the box around all shapes', () => {
    const features = [{ geometry: { coordinates: [[[106, 21], [107, 21.5]]] } }, { geometry: { coordinates: [105.9, 21.6] } }];
    expect(bounds(features)).toEqual([105.9, 21, 107, 21.6]);
    expect(bounds([])).toBeUndefined();
  });
});
