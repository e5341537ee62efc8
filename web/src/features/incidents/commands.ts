// Commands on reports that more than one place gives.
import { api, ApiError } from '../../api/client';
import type { Incident, Report, ReportDetail } from '../../api/types';
import { live } from '../../app/live.svelte';
import { toasts } from '../../app/toasts.svelte';
import { t } from '../../i18n/index.svelte';
import type { Draft } from './draft.svelte';

/** Undefined when another was faster; the person has then been told who. */
export async function claim(id: string): Promise<ReportDetail | undefined> {
  try {
    const report = await api.post('/reports/{id}/claim', { path: { id } });
    live.put({ report });
    return report;
  } catch (reason) {
    if (reason instanceof ApiError && reason.code === 'incidents.already_claimed') {
      toasts.show('info', t('report.taken', { name: live.name(reason.claimed_by) || t('report.someone') }));
    } else toasts.error(reason);
    return undefined;
  }
}

/** From the oldest on, until one could be claimed. */
export async function claimNext(): Promise<ReportDetail | undefined> {
  for (const report of live.waiting.slice(0, 5)) {
    const mine = await claim(report.id);
    if (mine) return mine;
  }
  return undefined;
}

/** A report that the operator writes and decides at once. Each step is safe to repeat. */
export async function takeAndDecide(
  draft: Draft, decision: 'open_incident' | 'duplicate', incident_id?: string,
): Promise<{ report: Report; incident?: Incident | undefined }> {
  const report = await api.post('/reports', { body: draft.asReport() });
  await api.post('/reports/{id}/claim', { path: { id: report.id } });
  const result = await api.post('/reports/{id}/triage', {
    path: { id: report.id }, body: draft.asTriage(decision, incident_id),
  });
  live.put(result);
  return result;
}
