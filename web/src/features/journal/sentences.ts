// Events in words. Ids become names where this browser knows them.
import type { Actor, EventType } from '../../api/types';
import { live } from '../../app/live.svelte';
import { lookup, t, type MessageKey, type Values } from '../../i18n/index.svelte';

type Detail = Readonly<Record<string, unknown>>;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function named(family: string, value: unknown): string {
  return lookup(`${family}.${text(value)}`) ?? text(value);
}

function values(type: EventType, detail: Detail): Values {
  const unit = text(detail['unit_id']);
  return {
    unit: live.units.get(unit)?.call_sign ?? t('event.some_unit'),
    status: named(type === 'unit.status_changed' ? 'unit_status' : 'milestone', detail['status']),
    category: named('category', detail['category']),
    severity: named('severity', detail['severity']),
    channel: named('channel', detail['channel']),
    outcome: named('outcome', detail['outcome']),
    closure: named('closure', detail['closure']),
    cause: named('cause', detail['cause']),
    kind: named('unit_kind', detail['kind']),
    name: text(detail['name']) || live.name(text(detail['subject_id'])),
  };
}

/** A type that this interface does not know yet is shown as it is. */
export function eventText(type: EventType, detail: Detail): string {
  const key: MessageKey = `event.${type}`;
  const words = lookup(key, values(type, detail));
  return words ? words.charAt(0).toLocaleUpperCase() + words.slice(1) : type;
}

export function actorName(actor: Actor): string {
  if (actor.kind === 'person') return live.name(actor.id);
  return actor.kind === 'node' ? t('actor.node') : t('actor.system');
}
