import { beforeEach, describe, expect, it } from 'vitest';
import { live } from '../../app/live.svelte';
import type { Unit } from '../../api/types';
import { eventText, streamText } from './sentences';

const unit = '01a20453-7c11-7b3e-9d55-2f6a01c4e030';
const person = '01a20453-7c11-7b3e-9d55-2f6a01c4e002';

describe('events in words', () => {
  beforeEach(() => {
    live.units.clear();
    live.people.clear();
  });
  it('name the unit that an event of its own stream is about', () => {
    live.units.set(unit, { id: unit, call_sign: 'T113-07' } as Unit);
    expect(eventText('unit.status_changed', { status: 'en_route' }, unit)).toBe('T113-07: Đang đến');
    expect(eventText('incident.unit_assigned', { unit_id: unit }, person)).toBe('Điều T113-07');
  });
  it('tell unknown units apart by the end of their ids', () => {
    expect(eventText('unit.status_changed', { status: 'en_route' }, unit)).toBe('Đơn vị …e030: Đang đến');
  });
});

describe('the record of an event', () => {
  it('is named where it is known, and told from records of the same moment where it is not', () => {
    expect(streamText({ kind: 'person', id: person })).toBe('Người dùng …01c4e002');
    expect(streamText({ kind: 'unit', id: unit })).toBe('Đơn vị …01c4e030');
    live.people.set(person, 'Vũ Thu Hà');
    expect(streamText({ kind: 'person', id: person })).toBe('Vũ Thu Hà');
  });
});
