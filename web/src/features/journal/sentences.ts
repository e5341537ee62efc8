// Events in words. Ids become names where this browser knows them.
import type { Actor, EventType, JournalEvent } from '../../api/types';
import { live } from '../../app/live.svelte';
import { idEnd } from '../../app/text';
import { lookup, t, type MessageKey, type Values } from '../../i18n/index.svelte';

type Detail = Readonly<Record<string, unknown>>;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function named(family: string, value: unknown): string {
  return lookup(`${family}.${text(value)}`) ?? text(value);
}

function unitName(id: string): string {
  return live.units.get(id)?.call_sign ?? (id ? `${t('event.some_unit')} …${idEnd(id, 4)}` : t('event.some_unit'));
}

function values(type: EventType, detail: Detail, stream_id: string): Values {
  // An event of a unit's own stream is about that unit, which its body does not name.
  const unit = (type.startsWith('unit.') && stream_id) || text(detail['unit_id']);
  return {
    unit: unitName(unit),
    status: named(type === 'unit.status_changed' ? 'unit_status' : 'milestone', detail['status']),
    category: named('category', detail['category']),
    severity: named('severity', detail['severity']),
    channel: named('channel', detail['channel']),
    outcome: named('outcome', detail['outcome']),
    closure: named('closure', detail['closure']),
    cause: named('cause', detail['cause']),
    kind: named(type.startsWith('planned_work.') ? 'work_kind' : 'unit_kind', detail['kind']),
    consent: named('consent', detail['consent']),
    reason: named('view_reason', detail['reason']),
    picture: named('picture', detail['picture']),
    claim: named('claim', detail['claim']),
    how: lookup(`alarm_end.${text(detail['how'])}`) ?? '',
    n: Array.isArray(detail['cameras']) ? detail['cameras'].length : 0,
    model: text(detail['model']),
    why: lookup(`error.${text(detail['why'])}`) ?? text(detail['why']),
    wall_cause: lookup(`wall_cause.${text(detail['cause'])}`) ?? '',
    wall_end: lookup(`wall_end.${text(detail['how'])}`) ?? '',
    asset: text((detail['asset'] as Detail | undefined)?.['code']),
    name: text(detail['name']) || live.name(text(detail['subject_id'])),
  };
}

/** A type that this interface does not know yet is shown as it is. */
export function eventText(type: EventType, detail: Detail, stream_id = ''): string {
  const key: MessageKey = `event.${type}`;
  const words = lookup(key, values(type, detail, stream_id));
  return words ? words.charAt(0).toLocaleUpperCase() + words.slice(1) : type;
}

/** The record an event is about: by its name where this browser knows it, else by the end of its id. */
export function streamText({ kind, id }: JournalEvent['stream']): string {
  const noun = t(`stream.${kind}`);
  const numbered = { incident: live.incidents, report: live.reports } as const;
  const number = kind === 'incident' || kind === 'report' ? numbered[kind].get(id)?.number : undefined;
  if (number !== undefined) return `${noun} #${number}`;
  const named =
    kind === 'unit' ? live.units.get(id)?.call_sign
    : kind === 'camera' || kind === 'camera_links' || kind === 'camera_picture' || kind === 'camera_device' || kind === 'contribution' ? live.cameras.get(id)?.code
    : kind === 'person' ? live.people.get(id)
    : kind === 'place' ? live.place(id) || undefined
    : undefined;
  return named ?? `${noun} …${idEnd(id)}`;
}

export function actorName(actor: Actor): string {
  if (actor.kind === 'person') return live.name(actor.id);
  return actor.kind === 'node' ? t('actor.node') : t('actor.system');
}
