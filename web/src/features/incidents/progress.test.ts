import { describe, expect, it } from 'vitest';
import { byUrgency, following, nextStep, overdue, reached } from './progress';

const sent = (...statuses: ('assigned' | 'accepted' | 'en_route' | 'on_scene' | 'released')[]) => ({
  state: 'open' as const,
  opened_us: 0,
  assignments: statuses.map((status, i) => ({ unit_id: String(i), status, since_us: 0 })),
});

describe('an incident', () => {
  it('has come as far as its foremost unit', () => {
    expect(reached(sent())).toBe(0);
    expect(reached(sent('assigned', 'en_route'))).toBe(3);
    expect(reached(sent('released'))).toBe(0);
  });
  it('names what is to be done next', () => {
    expect(nextStep(sent())).toBe('assign');
    expect(nextStep(sent('assigned'))).toBe('accept');
    expect(nextStep(sent('accepted'))).toBe('depart');
    expect(nextStep(sent('en_route'))).toBe('arrive');
    expect(nextStep(sent('on_scene', 'assigned'))).toBe('finish');
    expect(nextStep(sent('released'))).toBe('close');
    expect(nextStep({ ...sent('released'), state: 'closed' })).toBe('closed');
  });
  it('is overdue when nobody was sent for two minutes', () => {
    expect(overdue(sent(), 119e6)).toBe(false);
    expect(overdue(sent(), 121e6)).toBe(true);
    expect(overdue(sent('assigned'), 999e6)).toBe(false);
  });
  it('comes before a milder or a younger one', () => {
    const list = [
      { severity: 'routine' as const, opened_us: 1 },
      { severity: 'critical' as const, opened_us: 9 },
      { severity: 'critical' as const, opened_us: 2 },
    ];
    expect(list.sort(byUrgency).map((i) => i.opened_us)).toEqual([2, 9, 1]);
  });
  it('lets a unit go one step on, or be released', () => {
    expect(following('assigned')).toEqual(['accepted', 'released']);
    expect(following('on_scene')).toEqual(['released']);
    expect(following('released')).toEqual([]);
  });
});
