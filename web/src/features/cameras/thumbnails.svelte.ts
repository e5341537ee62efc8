// Key pictures of one camera for scrubbing: asked for when the pointer rests, given up when it moves
// on, a hundred kept. The browser shows them; nobody decodes anything for it.
import { api } from '../../api/client';

const rest_ms = 60;
const most_kept = 100;
const longest_s = 20;

interface Kept {
  url: string;
  at_us: number;
}
/** Cameras' tickets, used again while they hold. */
class Tickets {
  private kept = new Map<string, { url: string; ticket: string; expires_us: number }>();
  async of(camera_id: string, incident_id: string, signal: AbortSignal): Promise<{ url: string; ticket: string }> {
    const key = `${camera_id} ${incident_id}`;
    const old = this.kept.get(key);
    if (old && old.expires_us > Date.now() * 1000 + longest_s * 1e6) return old;
    const made = await api.post('/cameras/{id}/media-ticket', {
      path: { id: camera_id }, body: { purpose: 'playback', ...(incident_id ? { incident_id } : {}) }, signal,
    });
    this.kept.set(key, made);
    return made;
  }
}
export const tickets = new Tickets();

export class Thumbnails {
  /** Of the moment wanted last; undefined while it is on its way, null where there is none. */
  shown = $state.raw<Kept | null | undefined>();
  private kept = new Map<number, Kept | null>();
  private asked: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wanted: number | undefined;

  constructor(
    private readonly camera_id: string,
    private readonly incident_id: string,
  ) {}
  /** Moments within a grain share a picture: a month's bar does not need one for each second. */
  want(at_us: number, grain_us: number): void {
    const key = Math.floor(at_us / Math.max(1e6, grain_us)) * Math.max(1e6, grain_us);
    if (key === this.wanted) return;
    this.leave();
    this.wanted = key;
    const known = this.kept.get(key);
    if (known !== undefined) {
      this.shown = known;
      return;
    }
    const gone = new AbortController();
    this.asked = gone;
    this.timer = setTimeout(() => void this.ask(key, Math.round(at_us), gone.signal), rest_ms);
  }
  leave(): void {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.asked = undefined;
    this.wanted = undefined;
    this.shown = undefined;
  }
  stop(): void {
    this.leave();
    for (const one of this.kept.values()) if (one) URL.revokeObjectURL(one.url);
    this.kept.clear();
  }
  private async ask(key: number, at_us: number, signal: AbortSignal): Promise<void> {
    try {
      const ticket = await tickets.of(this.camera_id, this.incident_id, signal);
      const query = new URLSearchParams({ ticket: ticket.ticket, at_us: String(at_us), stream: 'main' });
      const answer = await fetch(`${ticket.url.replace(/^ws/, 'http')}/media/picture?${query}`, { signal });
      const found = answer.ok
        ? { url: URL.createObjectURL(await answer.blob()), at_us: Number(answer.headers.get('X-Picture-Us')) }
        : null;
      if (signal.aborted) {
        if (found) URL.revokeObjectURL(found.url);
        return;
      }
      // What is not there now may be recorded in a moment: only pictures are kept.
      if (found) this.keep(key, found);
      this.shown = found;
    } catch {
      // Given up, not permitted, or the recorder is away: the bar works without pictures.
      if (!signal.aborted) this.shown = null;
    }
  }
  private keep(key: number, found: Kept): void {
    this.kept.set(key, found);
    if (this.kept.size <= most_kept) return;
    const [oldest, one] = this.kept.entries().next().value!;
    if (one) URL.revokeObjectURL(one.url);
    this.kept.delete(oldest);
  }
}
