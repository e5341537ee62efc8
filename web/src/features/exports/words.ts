// What exports and cases have in common on screen.
import { live } from '../../app/live.svelte';
import { idEnd } from '../../app/text';
import { words } from '../../i18n/index.svelte';
import type { Export, ExportState, TimelineEvent } from '../../api/types';
import type { Entry } from '../../ui/Timeline.svelte';
import { actorName, eventText } from '../journal/sentences';

export const tones: Record<ExportState, 'plain' | 'ok' | 'warn' | 'bad' | 'info'> = {
  requested: 'warn', approved: 'info', made: 'info', ready: 'ok', refused: 'plain', withdrawn: 'plain', failed: 'bad', expired: 'plain',
};

export const cameraCode = (id: string): string => live.cameras.get(id)?.code ?? `…${idEnd(id)}`;
export const cameraName = (id: string): string => {
  const camera = live.cameras.get(id);
  return camera ? `${camera.code} · ${camera.name}` : `…${idEnd(id)}`;
};

export function sizeText(bytes: number): string {
  const mib = bytes / 1048576;
  const [value, unit] = mib >= 1024 ? [mib / 1024, 'GiB'] : [mib, 'MiB'];
  return `${value.toLocaleString(words.locale, { maximumFractionDigits: 1 })} ${unit}`;
}

/** "1:02:03" of a length in microseconds. */
export function lengthText(us: number): string {
  const s = Math.round(us / 1e6);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

export function percentOf(e: Pick<Export, 'id' | 'progress'>): number | undefined {
  const p = live.progress.get(e.id) ?? e.progress;
  return p && p.all_bytes > 0 ? Math.min(100, Math.floor((p.done_bytes / p.all_bytes) * 100)) : undefined;
}

export const entriesOf = (events: readonly TimelineEvent[]): Entry[] =>
  events.map((e) => ({
    key: e.sequence, at_us: e.at_us, text: eventText(e.type, e.detail), by: actorName(e.actor),
    tone: e.type === 'export.failed' || e.type === 'export.refused' ? 'bad' : e.type === 'export.ready' ? 'ok' : 'plain',
  }));
