// What one camera's recorder has of a time, and what is missing.
import type { Gap, Span } from '../../api/types';
import { tickets } from './thumbnails.svelte';
import { joined, type Stretch } from './timebar';

export async function spansOf(
  camera_id: string, incident_id: string, of: Stretch, signal: AbortSignal,
): Promise<{ recorded: Stretch[]; fetched: Stretch[]; gaps: Gap[] }> {
  const ticket = await tickets.of(camera_id, incident_id, signal);
  const query = new URLSearchParams({
    ticket: ticket.ticket, from_us: String(Math.round(of.start_us)), to_us: String(Math.round(of.end_us)), stream: 'main',
  });
  const answer = await fetch(`${ticket.url.replace(/^ws/, 'http')}/media/spans?${query}`, { signal });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const body = (await answer.json()) as { spans: Span[]; gaps: Gap[] };
  return { recorded: joined(body.spans), fetched: joined(body.spans.filter((s) => s.fetched)), gaps: body.gaps };
}
