// What a category usually means, so that choosing it fills the rest. A person may change each.
import type { Category, Incident, Service, Severity, UnitKind } from '../../api/types';
import { distance_m, placed, type Point } from '../../app/geo';

export const usual: Record<Category, { service: Service; severity: Severity }> = {
  fire: { service: 'fire', severity: 'critical' },
  explosion: { service: 'fire', severity: 'critical' },
  rescue: { service: 'fire', severity: 'critical' },
  traffic_accident: { service: 'traffic', severity: 'serious' },
  minor_collision: { service: 'traffic', severity: 'routine' },
  congestion: { service: 'traffic', severity: 'routine' },
  public_disorder: { service: 'police', severity: 'serious' },
  theft: { service: 'police', severity: 'routine' },
  violence: { service: 'police', severity: 'critical' },
  missing_person: { service: 'police', severity: 'serious' },
  medical_emergency: { service: 'medical', severity: 'critical' },
  social_welfare: { service: 'social', severity: 'routine' },
  flood: { service: 'social', severity: 'serious' },
  camera_fault: { service: 'other', severity: 'routine' },
  other: { service: 'police', severity: 'routine' },
};

/** Kinds of unit a service usually sends; others are offered after them. */
export const suited: Record<Service, readonly UnitKind[]> = {
  police: ['police_patrol', 'commune_police'],
  fire: ['fire_engine', 'rescue'],
  medical: ['ambulance'],
  traffic: ['traffic_police', 'police_patrol'],
  social: ['commune_police', 'police_patrol'],
  other: ['commune_police', 'police_patrol'],
};

const near_m = 1500;
const recent_us = 2 * 3_600_000_000;

/** Open incidents a new report may be about: near and recent, the same kind first. */
export function likely(
  at: Point | undefined, category: Category | undefined, open: readonly Incident[], now_us: number,
): { incident: Incident; away_m: number }[] {
  if (!at) return [];
  return open
    .filter(placed)
    .map((incident) => ({ incident, away_m: distance_m(at, incident) }))
    .filter((l) => l.away_m <= near_m && now_us - l.incident.opened_us <= recent_us)
    .sort((a, b) =>
      Number(b.incident.category === category) - Number(a.incident.category === category) || a.away_m - b.away_m,
    )
    .slice(0, 3);
}
