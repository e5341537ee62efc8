// How far an incident has come, and what is to be done next.
import type { Assignment, AssignmentStatus, Incident, Severity } from '../../api/types';

const order: readonly AssignmentStatus[] = ['assigned', 'accepted', 'en_route', 'on_scene'];

export const active = (i: Pick<Incident, 'assignments'>): Assignment[] =>
  i.assignments.filter((a) => a.status !== 'released');

/** 0 when nobody was sent, 4 when somebody is on scene. */
export function reached(i: Pick<Incident, 'assignments'>): number {
  return Math.max(0, ...active(i).map((a) => order.indexOf(a.status) + 1));
}

export type NextStep = 'assign' | 'accept' | 'depart' | 'arrive' | 'finish' | 'close' | 'closed';
export function nextStep(i: Pick<Incident, 'assignments' | 'state'>): NextStep {
  if (i.state === 'closed') return 'closed';
  if (i.assignments.length === 0) return 'assign';
  if (active(i).length === 0) return 'close';
  return (['accept', 'accept', 'depart', 'arrive', 'finish'] as const)[reached(i)] ?? 'assign';
}

/** Nobody sent after this long is said in red. */
const unsent_us = 120_000_000;
export function overdue(i: Pick<Incident, 'assignments' | 'state' | 'opened_us'>, now_us: number): boolean {
  return nextStep(i) === 'assign' && now_us - i.opened_us > unsent_us;
}

export const rank: Record<Severity, number> = { critical: 0, serious: 1, routine: 2 };
export function byUrgency(a: Pick<Incident, 'severity' | 'opened_us'>, b: Pick<Incident, 'severity' | 'opened_us'>): number {
  return rank[a.severity] - rank[b.severity] || a.opened_us - b.opened_us;
}

/** What a unit may do next on an incident. */
export function following(status: AssignmentStatus): AssignmentStatus[] {
  const at = order.indexOf(status);
  const next = order[at + 1];
  return at < 0 ? [] : next ? [next, 'released'] : ['released'];
}
