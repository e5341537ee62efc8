import { describe, expect, it } from 'vitest';
import { categories, type Incident } from '../../api/types';
import { likely, suited, usual } from './defaults';

const incident = (id: string, lat: number, category: Incident['category'], opened_us: number): Incident => ({
  id, number: 1, opened_us, state: 'open', category, severity: 'serious', service: 'police', lat, lon: 106,
  report_ids: [], assignments: [], opened_by: '', version: 1, note_count: 0, attachment_count: 0,
});
const hour = 3_600_000_000;

describe('a category', () => {
  it('fills service and severity, and the service has units suited to it', () => {
    for (const c of categories) expect(suited[usual[c].service].length, c).toBeGreaterThan(0);
  });
});

describe('possible duplicates of a report', () => {
  const open = [
    incident('near', 21.001, 'theft', 9 * hour),
    incident('same', 21.005, 'fire', 9 * hour),
    incident('far', 21.1, 'fire', 9 * hour),
    incident('old', 21.001, 'fire', 1 * hour),
  ];
  it('are near and recent, the same kind first', () => {
    const found = likely({ lat: 21, lon: 106 }, 'fire', open, 10 * hour);
    expect(found.map((f) => f.incident.id)).toEqual(['same', 'near']);
  });
  it('are none without a place', () => {
    expect(likely(undefined, 'fire', open, 10 * hour)).toEqual([]);
  });
});
