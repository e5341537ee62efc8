// What one camera's recorder has of a time, and what is missing.
import type { Gap, Span } from '../../api/types';
import { tickets } from './thumbnails.svelte';
import { activityOf, coarser, guessedBeside, joined, motionOf, type Activity, type Stretch } from './timebar';

/** The finest that a bar shows. */
const most_parts = 400;
const shortest_part_us = 1e6;
/** Over less, key pictures every few seconds hide what moves. */
const shortest_rate_us = 10e6;

export async function spansOf(
  camera_id: string, incident_id: string, of: Stretch, signal: AbortSignal,
): Promise<{ recorded: Stretch[]; fetched: Stretch[]; gaps: Gap[]; activity: Activity | undefined; motion: Activity | undefined }> {
  const parts = Math.max(1, Math.min(most_parts, Math.floor((of.end_us - of.start_us) / shortest_part_us)));
  const ticket = await tickets.of(camera_id, incident_id, signal);
  const query = new URLSearchParams({
    ticket: ticket.ticket, from_us: String(Math.round(of.start_us)), to_us: String(Math.round(of.end_us)), stream: 'main', parts: String(parts),
  });
  const answer = await fetch(`${ticket.url.replace(/^ws/, 'http')}/media/spans?${query}`, { signal });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const body = (await answer.json()) as { spans: Span[]; gaps: Gap[]; rates_from_us?: number; bytes_per_s?: number[]; motion?: number[] };
  const begin_us = body.rates_from_us ?? of.start_us;
  const group = Math.ceil(shortest_rate_us / ((of.end_us - begin_us) / parts));
  const motion = motionOf(begin_us, of.end_us, body.motion ?? []);
  return {
    recorded: joined(body.spans),
    fetched: joined(body.spans.filter((s) => s.fetched)),
    gaps: body.gaps,
    activity: guessedBeside(activityOf(begin_us, of.end_us, coarser(body.bytes_per_s ?? [], group)), motion),
    motion,
  };
}
