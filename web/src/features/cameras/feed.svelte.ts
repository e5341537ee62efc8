// The picture of one camera, straight from its recorder: fragments over WSS into MSE. Live keeps
// close to the end of what has come; playback knows which wall time each fragment shows.
import { api, ApiError } from '../../api/client';
import type { Gap } from '../../api/types';

export type FeedState = 'connecting' | 'playing' | 'stalled' | 'lost' | 'unsupported' | 'refused';
export interface FeedOptions {
  camera_id: string;
  stream: 'main' | 'sub';
  /** Playback from here; live when absent. */
  start_us?: number | undefined;
  incident_id?: string | undefined;
}
interface Piece {
  data: ArrayBuffer;
  position_us: number | undefined;
}

const behind_most_s = 1.0;
const behind_wanted_s = 0.15;
/** Between these the picture runs a little faster, unseen, until it is close to the end again. */
const hurry_above_s = 0.4;
const hurry_until_s = 0.2;
const hurry_rate = 1.1;
const keep_s = 30;
const queue_most = 240;
const stall_ms = 4000;
const first_wait_ms = 1000;
const longest_wait_ms = 10_000;

/** Where in the buffer which wall time is: one mark an appended fragment. */
export class PositionMarks {
  private marks: { at_s: number; position_us: number }[] = [];
  add(at_s: number, position_us: number): void {
    this.marks.push({ at_s, position_us });
    if (this.marks.length > 600) this.marks.splice(0, 300);
  }
  at(time_s: number): number | undefined {
    for (let i = this.marks.length - 1; i >= 0; i -= 1) {
      const mark = this.marks[i]!;
      if (mark.at_s <= time_s + 0.001) return mark.position_us + Math.round((time_s - mark.at_s) * 1e6);
    }
    return undefined;
  }
  clear(): void {
    this.marks = [];
  }
}

export class Feed {
  state = $state<FeedState>('connecting');
  reason = $state.raw<unknown>();
  gap = $state.raw<Gap | undefined>();
  position_us = $state<number | undefined>();
  paused = $state(false);
  speed = $state(1);
  private socket: WebSocket | undefined;
  private source: MediaSource | undefined;
  private buffer: SourceBuffer | undefined;
  private queue: Piece[] = [];
  private next_position_us: number | undefined;
  private readonly marks = new PositionMarks();
  private stopped = false;
  private failures = 0;
  private clearing = false;
  private jump = true;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private address = '';

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly options: FeedOptions,
  ) {
    this.position_us = options.start_us;
    video.ontimeupdate = () => {
      if (this.options.start_us === undefined) return;
      this.position_us = this.marks.at(video.currentTime) ?? this.position_us;
    };
    void this.connect();
  }
  get live(): boolean {
    return this.options.start_us === undefined;
  }
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.quiet);
    this.drop();
    this.video.removeAttribute('src');
    this.video.load();
  }
  seek(to_us: number): void {
    this.position_us = to_us;
    this.options.start_us = to_us;
    this.gap = undefined;
    this.queue = [];
    this.clearing = true;
    this.jump = true;
    this.send({ seek_us: to_us });
    this.pump();
  }
  pause(paused: boolean): void {
    this.paused = paused;
    this.send({ pause: paused });
    if (paused) this.video.pause();
    else void this.video.play().catch(() => {});
  }
  setSpeed(speed: number): void {
    this.speed = speed;
    this.video.playbackRate = speed;
    this.send({ speed });
  }
  /** One frame on or back within what is loaded, while paused. */
  step(frames: number): void {
    this.video.currentTime = Math.max(0, this.video.currentTime + frames / 25);
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
  private async connect(): Promise<void> {
    try {
      const { camera_id, stream, start_us, incident_id } = this.options;
      const ticket = await api.post('/cameras/{id}/media-ticket', {
        path: { id: camera_id },
        body: { purpose: this.live ? 'live' : 'playback', ...(incident_id ? { incident_id } : {}) },
      });
      if (this.stopped) return;
      const query = new URLSearchParams({ ticket: ticket.ticket, stream });
      if (start_us !== undefined) query.set('start_us', String(Math.round(this.position_us ?? start_us)));
      this.address = `${ticket.url}/media/${this.live ? 'live' : 'play'}?${query}`;
      const socket = new WebSocket(this.address);
      this.socket = socket;
      socket.binaryType = 'arraybuffer';
      socket.onmessage = (e) => this.take(e.data as string | ArrayBuffer);
      socket.onclose = () => socket === this.socket && this.lost();
    } catch (reason) {
      if (reason instanceof ApiError && !reason.offline && reason.status !== 503) {
        this.reason = reason;
        this.state = 'refused';
      } else this.lost();
    }
  }
  private lost(): void {
    this.drop();
    if (this.stopped || this.state === 'unsupported') return;
    this.state = 'lost';
    const wait = Math.min(longest_wait_ms, first_wait_ms * 2 ** this.failures);
    this.failures += 1;
    this.timer = setTimeout(() => {
      this.state = 'connecting';
      void this.connect();
    }, wait);
  }
  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    if (socket) {
      socket.onmessage = socket.onclose = null;
      socket.close();
    }
    this.queue = [];
    this.marks.clear();
    this.buffer = undefined;
    this.source = undefined;
  }
  private take(data: string | ArrayBuffer): void {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      if (this.state === 'playing' && !this.paused) this.state = 'stalled';
    }, stall_ms);
    if (typeof data !== 'string') {
      // A tab in the background draws nothing: drop what is too old rather than grow.
      if (this.queue.length >= queue_most) this.queue.splice(1, queue_most / 2);
      this.queue.push({ data, position_us: this.next_position_us });
      this.next_position_us = undefined;
      this.pump();
      return;
    }
    const message = JSON.parse(data) as { mime?: string; gap?: Gap; position_us?: number };
    if (message.mime) this.open(message.mime);
    if (message.gap) this.gap = message.gap;
    if (message.position_us !== undefined) {
      this.next_position_us = message.position_us;
      if (this.gap?.end_us !== undefined && message.position_us >= this.gap.end_us) this.gap = undefined;
    }
  }
  private open(mime: string): void {
    if (typeof MediaSource === 'undefined' || !MediaSource.isTypeSupported(mime)) {
      this.state = 'unsupported';
      this.drop();
      return;
    }
    const source = new MediaSource();
    this.source = source;
    this.video.src = URL.createObjectURL(source);
    source.onsourceopen = () => {
      URL.revokeObjectURL(this.video.src);
      if (this.source !== source) return;
      this.buffer = source.addSourceBuffer(mime);
      this.buffer.mode = 'sequence';
      this.buffer.onupdateend = () => this.appended();
      this.pump();
    };
  }
  private pump(): void {
    const buffer = this.buffer;
    if (!buffer || buffer.updating || this.source?.readyState !== 'open') return;
    try {
      if (this.clearing && buffer.buffered.length > 0) {
        this.marks.clear();
        buffer.remove(0, Infinity);
        this.clearing = false;
        return;
      }
      this.clearing = false;
      const piece = this.queue.shift();
      if (!piece) return;
      if (piece.position_us !== undefined) {
        const ranges = buffer.buffered;
        this.marks.add(ranges.length > 0 ? ranges.end(ranges.length - 1) : buffer.timestampOffset, piece.position_us);
      }
      buffer.appendBuffer(piece.data);
    } catch {
      this.lost();
    }
  }
  private keepUp(behind_s: number): void {
    if (behind_s > hurry_above_s) this.video.playbackRate = hurry_rate;
    else if (behind_s < hurry_until_s && this.video.playbackRate !== 1) this.video.playbackRate = 1;
  }
  private appended(): void {
    const buffer = this.buffer;
    const video = this.video;
    if (!buffer) return;
    try {
      const ranges = buffer.buffered;
      if (ranges.length > 0) {
        const last = ranges.length - 1;
        const end = ranges.end(last);
        if (this.jump) {
          video.currentTime = this.live ? Math.max(ranges.start(last), end - behind_wanted_s) : ranges.start(last);
          video.playbackRate = this.speed;
          this.jump = false;
        } else if (this.live && !this.paused && end - video.currentTime > behind_most_s) {
          video.currentTime = end - behind_wanted_s;
          video.playbackRate = 1;
        } else if (video.currentTime < ranges.start(last) && video.readyState < 3) {
          video.currentTime = ranges.start(last);
        }
        if (this.live) this.keepUp(end - video.currentTime);
        this.failures = 0;
        if (this.state !== 'playing') this.state = 'playing';
        if (!this.paused && video.paused) void video.play().catch(() => {});
        if (!buffer.updating && video.currentTime - ranges.start(0) > keep_s * 2) {
          buffer.remove(0, video.currentTime - keep_s);
          return;
        }
      }
    } catch {
      this.lost();
      return;
    }
    this.pump();
  }
}
