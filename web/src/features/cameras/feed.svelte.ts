// The picture of one camera, straight from its recorder: fragments over WSS into MSE. Live keeps
// close to the end of what has come; playback knows which wall time each fragment shows, and can
// follow a clock that it shares with other pictures.
import { api, ApiError } from '../../api/client';
import type { Gap } from '../../api/types';
import { Footage } from './footage';
import { load, look_every_ms, type Counted } from './load';

export type FeedState = 'connecting' | 'playing' | 'stalled' | 'lost' | 'unsupported' | 'refused';
export interface FeedOptions {
  camera_id: string;
  stream: 'main' | 'sub';
  /** Live in a small tile: the recorder sends the least that fits it. */
  tile?: boolean;
  /** The picture does not run by itself: follow() is called. */
  follows?: boolean;
  /** Playback from here; live when absent. */
  start_us?: number | undefined;
  incident_id?: string | undefined;
}
interface Piece {
  data: ArrayBuffer;
  position_us: number | undefined;
  /** Of an init segment: what the pieces after it are. */
  mime?: string;
}

const behind_most_s = 1.0;
const behind_wanted_s = 0.15;
/** Between these the picture runs a little faster, unseen, until it is close to the end again. */
const hurry_above_s = 0.4;
const hurry_until_s = 0.2;
const hurry_rate = 1.1;
const keep_s = 30;
const keep_live_s = 4;
/** From here on the recorder sends key pictures only. */
export const keys_only_from = 4;
export const speeds = [0.25, 0.5, 1, 2, 4, 8, 16] as const;
/** A picture that follows a clock jumps when it is further off than this, of watched time. */
const jump_above_s = 0.6;
const seek_again_ms = 3000;
const look_again_ms = 10_000;
/** A seek that is answered slowly is not asked again at once: each one makes the recorder begin anew. */
const seek_again_most_ms = 12_000;
const queue_most = 240;
const stall_ms = 4000;
const first_wait_ms = 1000;
/** A moment inside a picture rather than on its edge. */
const inside_s = 0.002;
const longest_wait_ms = 10_000;

let looking: ReturnType<typeof setInterval> | undefined;
function watchLoad(tile: Feed): void {
  load.add(tile);
  looking ??= setInterval(() => {
    if (load.size === 0) {
      clearInterval(looking);
      looking = undefined;
    } else load.look(!document.hidden);
  }, look_every_ms);
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
  private readonly footage = new Footage();
  private target_us: number | undefined;
  private held = false;
  private sought_at = 0;
  /** Seeks since a picture was last where the clock is. */
  private seeks = 0;
  private stopped = false;
  private failures = 0;
  private clearing = false;
  /** Sought, and what comes is still of the old place. */
  private stale = false;
  /** The next piece is an init segment of this kind. */
  private init_mime: string | undefined;
  /** What the buffer takes now. */
  private mime = '';
  private place_anew = false;
  private jump = true;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private address = '';
  /** It gets key pictures only, as this machine cannot show them all. */
  reduced = $state(false);

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly options: FeedOptions,
  ) {
    this.position_us = options.start_us;
    this.target_us = options.start_us;
    video.ontimeupdate = video.onseeked = () => {
      if (this.live || this.target_us !== undefined) return;
      this.position_us = this.footage.positionAt(video.currentTime) ?? this.position_us;
    };
    if (this.live && options.tile) watchLoad(this);
    void this.connect();
  }
  count(): Counted {
    const { totalVideoFrames: pictures, droppedVideoFrames: dropped } = this.video.getVideoPlaybackQuality();
    return { pictures, dropped };
  }
  reduce(keys_only: boolean): void {
    if (this.reduced === keys_only) return;
    this.reduced = keys_only;
    this.send({ keys_only });
  }
  get live(): boolean {
    return this.options.start_us === undefined;
  }
  stop(): void {
    this.stopped = true;
    load.remove(this);
    clearTimeout(this.timer);
    clearTimeout(this.quiet);
    this.drop();
    this.video.removeAttribute('src');
    this.video.load();
  }
  seek(to_us: number): void {
    this.begin(to_us);
    this.send({ seek_us: Math.round(to_us) });
    this.pump();
  }
  private begin(to_us: number): void {
    this.position_us = to_us;
    this.options.start_us = to_us;
    this.target_us = to_us;
    this.sought_at = performance.now();
    this.gap = undefined;
    this.queue = this.queue.filter((p) => p.mime);
    this.stale = this.socket?.readyState === WebSocket.OPEN;
    this.footage.clear();
    this.clearing = true;
    this.jump = true;
  }
  pause(paused: boolean): void {
    this.paused = paused;
    this.send({ pause: paused || this.held });
    if (paused || this.held) this.video.pause();
    else if (this.target_us === undefined) void this.video.play().catch(() => {});
  }
  setSpeed(speed: number): void {
    const other = this.speed >= keys_only_from !== speed >= keys_only_from;
    this.speed = speed;
    this.video.playbackRate = speed;
    if (!other || this.position_us === undefined) return this.send({ speed });
    // What is loaded has every picture, or only key pictures: it begins anew from here.
    this.begin(this.position_us);
    this.send({ speed, seek_us: Math.round(this.position_us) });
    this.pump();
  }
  /** One picture on or back; stops the picture if it runs. */
  step(by: 1 | -1): void {
    if (this.live) return;
    if (!this.paused) this.pause(true);
    if (this.speed >= keys_only_from) this.setSpeed(1);
    if (this.target_us !== undefined) return;
    const now_s = this.video.currentTime;
    const to_s = this.footage.step(now_s, by);
    const ranges = this.buffer?.buffered;
    for (let i = 0; to_s !== undefined && ranges && i < ranges.length; i += 1) {
      if (to_s < ranges.start(i) - 0.01 || to_s >= ranges.end(i)) continue;
      this.video.currentTime = to_s + inside_s;
      return;
    }
    // Not loaded: the recorder sends it from its key picture on.
    const shown_us = this.footage.positionAt(this.footage.begin(now_s) ?? now_s);
    if (shown_us === undefined) return;
    const ends = ranges && ranges.length > 0 ? this.footage.positionAt(ranges.end(ranges.length - 1)) : undefined;
    this.seek(by < 0 ? shown_us - 2000 : (ends ?? shown_us) + 2000);
  }
  /** When the picture beside the one shown was taken, if it is loaded. */
  beside(by: 1 | -1): number | undefined {
    const to_s = this.footage.step(this.video.currentTime, by);
    return to_s === undefined ? undefined : this.footage.positionAt(to_s + inside_s);
  }
  /** Brings the picture to where a clock is that others follow too; call it a few times a second.
   * True when there is nothing to wait for: it shows that moment, or cannot. */
  follow(at_us: number, paused: boolean, speed: number): boolean {
    if (this.speed !== speed) this.setSpeed(speed);
    if (this.paused !== paused) this.pause(paused);
    if (this.state === 'lost' || this.state === 'refused' || this.state === 'unsupported') {
      this.position_us = at_us;
      return true;
    }
    const place = this.footage.place(at_us);
    const since_seek = performance.now() - this.sought_at;
    if (place.kind === 'gap') {
      this.gap = place.gap;
      this.position_us = at_us;
      this.hold(true);
      if (place.gap.end_us === undefined && since_seek > look_again_ms) this.seek(at_us);
      return true;
    }
    this.gap = undefined;
    this.hold(false);
    if (place.kind === 'not_loaded') {
      const patience_ms = (place.ahead ? seek_again_ms : first_wait_ms) * 2 ** this.seeks;
      if (since_seek > Math.min(seek_again_most_ms, patience_ms)) {
        this.seek(at_us);
        this.seeks += 1;
      }
      return false;
    }
    if (this.target_us !== undefined) {
      // Still on its way to an older moment of the clock: it goes straight to this one.
      this.target_us = at_us;
      this.arrive();
      return this.target_us === undefined;
    }
    this.seeks = 0;
    const late_s = place.time_s - this.video.currentTime;
    if (Math.abs(late_s) > (paused ? 0.02 : jump_above_s * Math.max(1, speed))) {
      const ranges = this.buffer?.buffered;
      const last = ranges && ranges.length > 0 ? ranges.length - 1 : undefined;
      if (ranges && last !== undefined && place.time_s >= ranges.start(last) && place.time_s < ranges.end(last)) this.video.currentTime = place.time_s;
      else if (since_seek > first_wait_ms) this.seek(at_us);
    } else if (!paused) {
      const rate = Math.min(speeds[speeds.length - 1]!, speed * (1 + Math.max(-0.15, Math.min(0.15, late_s / Math.max(1, speed)))));
      if (Math.abs(this.video.playbackRate - rate) > 0.01 * speed) this.video.playbackRate = rate;
    }
    return true;
  }
  /** In a gap the picture waits, and the recorder sends nothing on. */
  private hold(held: boolean): void {
    if (this.held === held) return;
    this.held = held;
    this.send({ pause: held || this.paused });
    if (held) this.video.pause();
    else if (!this.paused) void this.video.play().catch(() => {});
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
      if (this.live && this.options.tile) query.set('quality', 'tile');
      if (start_us !== undefined) query.set('start_us', String(Math.round(this.position_us ?? start_us)));
      this.address = `${ticket.url}/media/${this.live ? 'live' : 'play'}?${query}`;
      const socket = new WebSocket(this.address);
      this.socket = socket;
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => {
        if (this.live) {
          if (this.reduced) this.send({ keys_only: true });
          return;
        }
        if (this.paused || this.held) this.send({ pause: true });
        if (this.speed !== 1) this.send({ speed: this.speed });
      };
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
    this.footage.clear();
    this.stale = false;
    this.clearing = false;
    this.jump = true;
    this.target_us = this.live ? undefined : this.position_us;
    this.buffer = undefined;
    this.source = undefined;
    this.init_mime = undefined;
  }
  private take(data: string | ArrayBuffer): void {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      if (this.state === 'playing' && !this.paused) this.state = 'stalled';
    }, stall_ms);
    if (typeof data !== 'string') {
      const mime = this.init_mime;
      this.init_mime = undefined;
      if (mime) {
        this.footage.init(data);
        this.queue.push({ data, position_us: undefined, mime });
      } else {
        if (this.stale) return;
        // A tab in the background draws nothing: drop what is too old rather than grow.
        if (this.queue.length >= queue_most) this.queue = this.queue.filter((p, i) => p.mime || i >= queue_most / 2);
        this.queue.push({ data, position_us: this.next_position_us });
        this.next_position_us = undefined;
      }
      this.pump();
      return;
    }
    const message = JSON.parse(data) as { mime?: string; gap?: Gap; position_us?: number; sought_us?: number };
    if (message.sought_us !== undefined && this.target_us !== undefined && message.sought_us === Math.round(this.options.start_us ?? -1)) {
      this.stale = false;
      return;
    }
    if (this.stale && !message.mime) return;
    if (message.mime) {
      this.init_mime = message.mime;
      if (!this.source) this.open(message.mime);
    }
    if (message.gap) {
      if (!this.live) this.footage.addGap(message.gap);
      if (!this.options.follows) this.gap = message.gap;
    }
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
    this.mime = mime;
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
        buffer.remove(0, Infinity);
        this.clearing = false;
        this.place_anew = true;
        return;
      }
      this.clearing = false;
      if (this.place_anew) buffer.timestampOffset = 0;
      this.place_anew = false;
      const piece = this.queue.shift();
      if (!piece) return;
      if (piece.mime && piece.mime !== this.mime) {
        // The camera's picture is of another kind from here on; what is loaded stays.
        if (!MediaSource.isTypeSupported(piece.mime)) {
          this.state = 'unsupported';
          return this.drop();
        }
        buffer.changeType(piece.mime);
        this.mime = piece.mime;
      }
      if (piece.position_us !== undefined) {
        const ranges = buffer.buffered;
        this.footage.add(ranges.length > 0 ? ranges.end(ranges.length - 1) : 0, piece.position_us, piece.data);
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
  /** To the moment that was asked for, once it is loaded; to the first after it, when it is in a gap. */
  private arrive(): void {
    const ranges = this.buffer?.buffered;
    if (this.target_us === undefined || !ranges || ranges.length === 0) return;
    const last = ranges.length - 1;
    const place = this.footage.place(this.target_us);
    if (place.kind === 'not_loaded' && place.ahead) return;
    if (place.kind === 'loaded' && place.time_s + inside_s >= ranges.end(last)) return;
    const to_s = place.kind === 'loaded' ? place.time_s + inside_s : (this.footage.first() ?? 0);
    this.target_us = undefined;
    this.video.currentTime = Math.max(ranges.start(last), to_s);
  }
  private appended(): void {
    const buffer = this.buffer;
    const video = this.video;
    if (!buffer) return;
    if (this.clearing) return this.pump();
    try {
      const ranges = buffer.buffered;
      if (ranges.length > 0) {
        const last = ranges.length - 1;
        const end = ranges.end(last);
        if (this.target_us !== undefined) this.arrive();
        if (this.jump) {
          if (this.live) video.currentTime = Math.max(ranges.start(last), end - behind_wanted_s);
          video.playbackRate = this.speed;
          this.jump = false;
        } else if (this.live && !this.paused && end - video.currentTime > behind_most_s) {
          video.currentTime = end - behind_wanted_s;
          video.playbackRate = 1;
        } else if (this.target_us === undefined && video.currentTime < ranges.start(last) && video.readyState < 3) {
          video.currentTime = ranges.start(last);
        }
        if (this.live) this.keepUp(end - video.currentTime);
        this.failures = 0;
        if (this.state !== 'playing') this.state = 'playing';
        if (!this.paused && !this.held && this.target_us === undefined && video.paused) void video.play().catch(() => {});
        const keep = this.live ? keep_live_s : keep_s;
        if (!buffer.updating && video.currentTime - ranges.start(0) > keep * 2) {
          buffer.remove(0, video.currentTime - keep);
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
