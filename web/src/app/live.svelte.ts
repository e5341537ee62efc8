// The state of the province as this browser knows it: loaded once, then kept by the live
// connection. An event names what changed; the touched records are fetched again, many at a time,
// so that what is shown is always the core's own answer.
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { api } from '../api/client';
import type {
  Camera, CameraHealth, ExportProgress, GeoJson, Incident, PlaceUnit, Position, Report, Situation, Unit, WatchEvent,
} from '../api/types';
import { Watch, type Socket } from '../api/watch';
import { clock } from './clock.svelte';
import { session } from './session.svelte';
import { idEnd } from './text';

export type Connection = 'connecting' | 'online' | 'lost';
type Kind = 'report' | 'incident' | 'unit' | 'camera';
type Listener = (events: WatchEvent[]) => void;

const coalesce_ms = 60;
const page = 100;

class Live {
  connection = $state<Connection>('connecting');
  lost_since_us = $state(0);
  loaded = $state(false);
  failure = $state.raw<unknown>();
  sequence = $state(0);
  readonly reports = new SvelteMap<string, Report>();
  readonly incidents = new SvelteMap<string, Incident>();
  readonly units = new SvelteMap<string, Unit>();
  readonly cameras = new SvelteMap<string, Camera>();
  /** What cameras measured last; whoever shows it asks for all of it once. */
  readonly health = new SvelteMap<string, CameraHealth>();
  readonly places = new SvelteMap<string, PlaceUnit>();
  readonly people = new SvelteMap<string, string>();
  outlines = $state.raw<GeoJson | undefined>();
  roads = $state.raw<GeoJson | undefined>();

  waiting = $derived(
    [...this.reports.values()]
      .filter((r) => r.state === 'waiting')
      .sort((a, b) => a.received_us - b.received_us),
  );
  mine = $derived(
    [...this.reports.values()].filter((r) => r.state === 'claimed' && r.claimed_by === session.me),
  );
  open = $derived([...this.incidents.values()].filter((i) => i.state === 'open'));

  private touched: Record<Kind, Set<string>> = {
    report: new Set(), incident: new Set(), unit: new Set(), camera: new Set(),
  };
  private timer: ReturnType<typeof setTimeout> | undefined;
  private fetching = false;
  /** How far exports are that are being made. */
  readonly progress = new SvelteMap<string, ExportProgress>();
  private readonly listeners = new SvelteSet<Listener>();
  private watch: Watch | undefined;

  async start(): Promise<void> {
    this.stop();
    this.watch = new Watch(
      {
        events: (events) => this.apply(events),
        positions: (positions) => this.move(positions),
        health: (health) => this.takeHealth(health),
        exports: (all) => {
          for (const one of all) if (one.id) this.progress.set(one.id, one);
        },
        reload: () => this.load(),
        connected: () => (this.connection = 'online'),
        lost: () => this.markLost(),
      },
      {
        open: (from) => new WebSocket(watchAddress(from)) as unknown as Socket,
        after: (ms, run) => setTimeout(run, ms),
        cancel: (timer) => clearTimeout(timer as number | undefined),
        random: Math.random,
        alive,
      },
    );
    const watch = this.watch;
    void this.loadGround();
    for (;;) {
      try {
        const from = await this.load();
        if (this.watch === watch) watch.start(from);
        return;
      } catch (reason) {
        if (this.watch !== watch) return;
        this.failure = reason;
        this.markLost();
        await new Promise((done) => setTimeout(done, 3000));
      }
    }
  }
  stop(): void {
    this.watch?.stop();
    this.watch = undefined;
    this.connection = 'connecting';
    this.lost_since_us = 0;
    this.loaded = false;
    for (const kept of [this.reports, this.incidents, this.units, this.cameras, this.people, this.health]) {
      kept.clear();
    }
  }
  /** For records that only one screen holds (a timeline, the journal): told of every event. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  name(person_id: string | undefined): string {
    return (person_id && this.people.get(person_id)) || (person_id ? idEnd(person_id) : '');
  }
  place(unit_code: string | undefined): string {
    return (unit_code && this.places.get(unit_code)?.full_name) || '';
  }
  /** Puts a command's answer in place at once, before its event comes round. */
  put(record: { report?: Report | undefined; incident?: Incident | undefined; unit?: Unit }): void {
    if (record.report) this.takeReports([record.report]);
    if (record.incident) keep(this.incidents, record.incident);
    if (record.unit) keep(this.units, record.unit);
  }

  takeHealth(health: readonly CameraHealth[]): void {
    for (const one of health) {
      if ((this.health.get(one.camera_id)?.at_us ?? 0) <= one.at_us) this.health.set(one.camera_id, one);
    }
  }

  private async load(): Promise<number> {
    const may_situation = session.may('call_taker', 'dispatcher', 'duty_officer', 'auditor');
    const may_cameras = may_situation || session.may('engineer');
    const empty: Situation = {
      sequence: 0, at_us: clock.read(), waiting_reports: 0, open_incidents: [], units: [],
      cameras: { online: 0, offline: 0, total: 0, offline_ids: [] }, reports: [],
    };
    const [situation, claimed, cameras, directory] = await Promise.all([
      may_situation ? api.get('/situation') : empty,
      may_situation ? api.get('/reports', { query: { state: 'claimed' } }) : { reports: [] },
      may_cameras ? api.get('/cameras') : { cameras: [] },
      api.get('/directory'),
    ]);
    if (!may_situation && session.may('unit_crew')) {
      situation.open_incidents = (
        await api.get('/incidents', { query: { state: 'open' } })
      ).incidents;
      situation.units = (await api.get('/units')).units;
    }
    if (may_situation) clock.sync(situation.at_us);
    replace(this.reports, [...situation.reports, ...claimed.reports]);
    replace(this.incidents, situation.open_incidents);
    replace(this.units, situation.units);
    replace(this.cameras, cameras.cameras);
    for (const p of directory.people) this.people.set(p.id, p.display_name);
    this.sequence = situation.sequence;
    this.failure = undefined;
    this.loaded = true;
    return situation.sequence;
  }
  /** Places and roads: wanted, but nothing waits for them. */
  private async loadGround(): Promise<void> {
    for (;;) {
      try {
        const [units, outlines, roads] = await Promise.all([
          api.get('/places/units'),
          api.get('/places/outlines.geojson'),
          api.get('/places/roads.geojson'),
        ]);
        for (const u of units.units) this.places.set(u.code, u);
        this.outlines = outlines;
        this.roads = roads;
        return;
      } catch {
        if (session.state !== 'signed_in') return;
        await new Promise((done) => setTimeout(done, 5000));
      }
    }
  }
  private apply(events: WatchEvent[]): void {
    for (const event of events) {
      const { kind, id } = event.stream;
      if (kind in this.touched) this.touched[kind as Kind].add(id);
      if (kind === 'person') void this.loadNames();
      if (id === session.me || event.type.startsWith('role.')) void session.check();
      if (kind === 'place') void this.loadGround();
      this.sequence = event.sequence;
    }
    for (const listener of this.listeners) listener(events);
    this.schedule();
  }
  private schedule(): void {
    if (this.timer !== undefined || this.fetching) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.fetchTouched();
    }, coalesce_ms);
  }
  private async fetchTouched(): Promise<void> {
    this.fetching = true;
    const take = (kind: Kind): string[] => {
      const ids = [...this.touched[kind]].slice(0, page);
      for (const id of ids) this.touched[kind].delete(id);
      return ids;
    };
    const wanted = {
      report: take('report'), incident: take('incident'), unit: take('unit'), camera: take('camera'),
    };
    const query = (ids: string[]) => ({ query: { ids: ids.join(',') } });
    try {
      await Promise.all([
        wanted.report.length &&
          api.get('/reports', query(wanted.report)).then((a) => this.takeReports(a.reports)),
        wanted.incident.length &&
          api.get('/incidents', query(wanted.incident)).then((a) => merge(this.incidents, a.incidents)),
        wanted.unit.length &&
          api.get('/units', query(wanted.unit)).then((a) => merge(this.units, a.units)),
        wanted.camera.length &&
          api.get('/cameras', query(wanted.camera)).then((a) => merge(this.cameras, a.cameras)),
      ]);
    } catch {
      // Nothing is lost: what was touched is asked for again, after a pause.
      for (const kind of Object.keys(wanted) as Kind[]) {
        for (const id of wanted[kind]) this.touched[kind].add(id);
      }
      await new Promise((done) => setTimeout(done, 1000));
    } finally {
      this.fetching = false;
      if (Object.values(this.touched).some((ids) => ids.size > 0)) this.schedule();
    }
  }
  /** Closed reports are not kept: a day brings thousands, and a page stays open for a shift. */
  private takeReports(reports: Report[]): void {
    for (const report of reports) {
      if (report.state === 'closed') this.reports.delete(report.id);
      else keep(this.reports, report);
    }
  }
  private async loadNames(): Promise<void> {
    try {
      for (const p of (await api.get('/directory')).people) this.people.set(p.id, p.display_name);
    } catch {
      // The old names serve until the next change.
    }
  }
  private move(positions: Position[]): void {
    for (const p of positions) {
      const unit = this.units.get(p.unit_id);
      if (!unit || (unit.position_us ?? 0) > p.at_us) continue;
      this.units.set(p.unit_id, {
        ...unit, lat: p.lat, lon: p.lon, position_us: p.at_us,
        ...(p.heading_deg === undefined ? {} : { heading_deg: p.heading_deg }),
      });
    }
  }
  private markLost(): void {
    if (this.connection === 'lost') return;
    this.connection = 'lost';
    this.lost_since_us = clock.read();
    void session.check();
  }
}

function watchAddress(from: number): string {
  const scheme = location.protocol === 'http:' ? 'ws' : 'wss';
  return `${scheme}://${location.host}${api.base}/watch${from > 0 ? `?from=${from}` : ''}`;
}
async function alive(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { signal: AbortSignal.timeout(4000) })).ok;
  } catch {
    return false;
  }
}
function keep<T extends { id: string; version: number }>(into: Map<string, T>, record: T): void {
  const known = into.get(record.id);
  if (!known || known.version <= record.version) into.set(record.id, record);
}
function merge<T extends { id: string; version: number }>(into: Map<string, T>, records: T[]): void {
  for (const record of records) keep(into, record);
}
function replace<T extends { id: string }>(into: Map<string, T>, records: T[]): void {
  const ids = new Set(records.map((r) => r.id));
  for (const id of [...into.keys()]) if (!ids.has(id)) into.delete(id);
  for (const record of records) into.set(record.id, record);
}

export const live = new Live();
if (typeof window !== 'undefined') {
  addEventListener('online', () => live['watch']?.hurry());
  addEventListener('offline', () => live['watch']?.doubt());
}
