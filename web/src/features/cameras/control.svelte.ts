// One camera as a device: who turns it, its presets and tours, and turning it while a key or a
// button is held. What is shown is always the core's own answer; the camera stops by itself when
// this page says nothing more.
import { api, ApiError } from '../../api/client';
import type { CameraDevice, WatchEvent } from '../../api/types';
import { live } from '../../app/live.svelte';
import { session } from '../../app/session.svelte';
import { toasts } from '../../app/toasts.svelte';
import { t } from '../../i18n/index.svelte';

export interface Speed {
  pan: number;
  tilt: number;
  zoom: number;
}
/** Well before the second is over for which the camera goes on by itself. */
const again_ms = 400;
const still: Speed = { pan: 0, tilt: 0, zoom: 0 };

export class CameraControl {
  device = $state.raw<CameraDevice | undefined>();
  busy = $state(false);
  moving = $state(false);
  private speed: Speed = still;
  private sending = false;
  private changed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly unlisten: () => void;

  constructor(private readonly camera_id: string) {
    this.unlisten = live.listen((events) => {
      if (events.some((e) => e.stream.kind === 'camera_device' && e.stream.id === camera_id)) void this.load();
    });
    void this.load();
  }
  stop(): void {
    this.unlisten();
    this.end();
  }
  readonly mine = $derived.by(() => this.device?.holder !== undefined && this.device.holder.person_id === session.me);

  async load(): Promise<void> {
    try {
      this.device = await api.get('/cameras/{id}/device', { path: { id: this.camera_id } });
    } catch {
      // Asked again with the next event; what was known still shows.
    }
  }
  /** Runs a command and shows its answer; true when it was done. */
  async run(command: (path: { id: string }) => Promise<CameraDevice>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      this.device = await command({ id: this.camera_id });
      return true;
    } catch (reason) {
      toasts.error(reason);
      return false;
    } finally {
      this.busy = false;
    }
  }
  take(incident_id: string): Promise<boolean> {
    return this.run((path) => api.post('/cameras/{id}/control/take', { path, body: incident_id ? { incident_id } : {} }));
  }
  giveBack(): Promise<boolean> {
    this.end();
    return this.run((path) => api.post('/cameras/{id}/control/return', { path, body: {} }));
  }
  /** Turns until end() is called. */
  begin(speed: Speed): void {
    if (!this.mine) return;
    if (this.moving && speed.pan === this.speed.pan && speed.tilt === this.speed.tilt && speed.zoom === this.speed.zoom) return;
    this.speed = speed;
    this.moving = true;
    this.changed = true;
    void this.send();
  }
  end(): void {
    if (!this.moving) return;
    this.speed = still;
    this.moving = false;
    this.changed = true;
    void this.send();
  }
  /** A short turn, for who cannot hold a button. */
  nudge(speed: Speed): void {
    this.begin(speed);
    setTimeout(() => this.end(), again_ms);
  }
  async go(preset?: string): Promise<void> {
    try {
      await api.post('/cameras/{id}/control/go', { path: { id: this.camera_id }, body: preset === undefined ? {} : { preset } });
    } catch (reason) {
      toasts.error(reason);
    }
  }
  /** One message at a time: what changes meanwhile goes with the next. */
  private async send(): Promise<void> {
    clearTimeout(this.timer);
    if (this.sending) return;
    this.sending = true;
    try {
      while (this.changed) {
        this.changed = false;
        await api.post('/cameras/{id}/control/move', { path: { id: this.camera_id }, body: this.speed });
      }
      if (this.moving) {
        this.timer = setTimeout(() => {
          this.changed = true;
          void this.send();
        }, again_ms);
      }
    } catch (reason) {
      this.moving = this.changed = false;
      if (!(reason instanceof ApiError && reason.code === 'devices.not_yours')) toasts.error(reason);
    } finally {
      this.sending = false;
    }
  }
}

/** Whoever loses a camera to somebody else is told on whatever screen they are. */
export function tellTakenOver(events: WatchEvent[]): void {
  for (const e of events) {
    if (e.type !== 'camera_device.control_taken' || e.body['from_id'] !== session.me) continue;
    const code = live.cameras.get(e.stream.id)?.code ?? '';
    toasts.show('info', t('control.taken_over', { code, who: live.name(String(e.body['person_id'])) }));
  }
}
