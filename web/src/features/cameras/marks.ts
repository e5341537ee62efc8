// What the core knows to have happened along a camera's footage, as marks of its time bar.
import { api } from '../../api/client';
import type { CameraMark } from '../../api/types';
import { t } from '../../i18n/index.svelte';
import type { Mark, Stretch } from './timebar';

export function markOf(m: CameraMark): Mark {
  const label =
    m.kind === 'incident' ? `#${m.number ?? ''} ${m.category ? t(`category.${m.category}`) : ''}`
    : m.kind === 'alarm' ? t('mark.alarm')
    : `${t(`mark.${m.kind}`)} ${m.case_number ?? ''}`;
  // An incident is a moment on the bar: how long it stayed open is not when it happened.
  const until = m.kind === 'incident' ? undefined : m.to_us;
  return { kind: m.kind, at_us: m.from_us, label, ...(until === undefined ? {} : { until_us: until }) };
}

export async function marksOf(camera_id: string, of: Stretch, signal: AbortSignal): Promise<Mark[]> {
  const { marks } = await api.get('/cameras/{id}/marks', {
    path: { id: camera_id }, query: { from_us: Math.round(of.start_us), to_us: Math.round(of.end_us) }, signal,
  });
  return marks.map(markOf);
}
