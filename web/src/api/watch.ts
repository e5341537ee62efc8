// The live connection: every change from a sequence on, in order and once. Reconnects by itself
// from the last sequence it saw. Knows nothing of the page; a socket and timers are handed in.
import type { CameraHealth, ExportProgress, Position, WatchEvent, WatchMessage } from './types';

export interface WatchHandlers {
  events: (events: WatchEvent[]) => void;
  positions: (positions: Position[]) => void;
  health?: (health: CameraHealth[]) => void;
  exports?: (progress: ExportProgress[]) => void;
  /** Everything has to be loaded again; resolves to the sequence to go on from. */
  reload: () => Promise<number>;
  connected: () => void;
  lost: () => void;
}
export interface Socket {
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  close: () => void;
}
export interface WatchEnvironment {
  /** From 0 means: from the head. */
  open: (from: number) => Socket;
  after: (ms: number, run: () => void) => unknown;
  cancel: (timer: unknown) => void;
  random: () => number;
  /** Resolves to false when the core does not answer: asked when nothing came for a while. */
  alive: () => Promise<boolean>;
}

const first_wait_ms = 500;
const longest_wait_ms = 8000;
const silence_ms = 20_000;

export class Watch {
  private socket: Socket | undefined;
  private retry: unknown;
  private quiet: unknown;
  private failures = 0;
  private stopped = true;
  private reloading = false;
  sequence = 0;

  constructor(
    private readonly handlers: WatchHandlers,
    private readonly env: WatchEnvironment,
  ) {}

  start(from: number): void {
    this.stopped = false;
    this.sequence = from;
    this.connect();
  }
  stop(): void {
    this.stopped = true;
    this.env.cancel(this.retry);
    this.env.cancel(this.quiet);
    this.drop();
  }
  /** The browser says the network is back: do not wait for the timer. */
  hurry(): void {
    if (this.stopped || this.socket) return;
    this.env.cancel(this.retry);
    this.connect();
  }

  /** The browser says the network is gone: ask now whether that is so. */
  doubt(): void {
    if (!this.stopped && this.socket) this.ask();
  }

  private connect(): void {
    if (this.stopped) return;
    const socket = this.env.open(this.sequence);
    this.socket = socket;
    socket.onopen = () => {
      // Where no sequence is known, what passed during the cut cannot be asked for: load it all.
      if (this.failures > 0 && this.sequence === 0) void this.reload();
      this.failures = 0;
      this.handlers.connected();
      this.listen();
    };
    socket.onmessage = (event) => {
      this.listen();
      if (typeof event.data === 'string') this.take(event.data);
    };
    socket.onclose = () => this.closed(socket);
  }
  private closed(socket: Socket): void {
    if (socket !== this.socket) return;
    this.drop();
    this.env.cancel(this.quiet);
    if (this.stopped) return;
    this.handlers.lost();
    const wait = Math.min(longest_wait_ms, first_wait_ms * 2 ** this.failures);
    this.failures += 1;
    this.retry = this.env.after(wait * (0.5 + this.env.random() / 2), () => this.connect());
  }
  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
  }
  /** A cut cable closes nothing: after a silence the core is asked whether it is there. */
  private listen(): void {
    this.env.cancel(this.quiet);
    this.quiet = this.env.after(silence_ms, () => this.ask());
  }
  private ask(): void {
    const asked = this.socket;
    void this.env.alive().then((alive) => {
      if (!asked || asked !== this.socket) return;
      if (alive) this.listen();
      else this.closed(asked);
    });
  }
  private take(text: string): void {
    let message: WatchMessage;
    try {
      message = JSON.parse(text) as WatchMessage;
    } catch {
      return;
    }
    if ('reset' in message) void this.reload();
    else if ('telemetry' in message) {
      if (message.telemetry.positions) this.handlers.positions(message.telemetry.positions);
      if (message.telemetry.health) this.handlers.health?.(message.telemetry.health);
      if (message.telemetry.exports) this.handlers.exports?.(message.telemetry.exports);
    } else if ('events' in message) {
      const fresh = message.events.filter((e) => e.sequence > this.sequence);
      const last = fresh[fresh.length - 1];
      if (!last) return;
      this.sequence = last.sequence;
      this.handlers.events(fresh);
    }
  }
  private async reload(): Promise<void> {
    if (this.reloading) return;
    this.reloading = true;
    try {
      const from = await this.handlers.reload();
      if (from > this.sequence) this.sequence = from;
    } catch {
      // The core went away while loading: go the way of a lost connection, which tries again.
      if (this.socket) this.closed(this.socket);
    } finally {
      this.reloading = false;
    }
  }
}
