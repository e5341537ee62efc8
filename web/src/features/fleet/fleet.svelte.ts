// What is wrong with the cameras and why, as this browser knows it: loaded with the screen, loaded
// again when an event says that it changed.
import { api } from '../../api/client';
import type { Asset, Fleet, FleetAlarm } from '../../api/types';
import { live } from '../../app/live.svelte';
import { Resource } from '../../app/resource.svelte';
import { t } from '../../i18n/index.svelte';

const kinds = new Set(['fleet_alarm', 'asset', 'camera_links', 'planned_work', 'camera_picture']);

export class FleetState {
  readonly loading = new Resource<Fleet>(
    async () => {
      const fleet = await api.get('/fleet');
      live.takeHealth(fleet.health);
      return fleet;
    },
    { on: (e) => kinds.has(e.stream.kind) },
  );
  value = $derived(this.loading.value);
  assets = $derived(new Map((this.value?.assets ?? []).map((a) => [a.id, a])));
  links = $derived(new Map((this.value?.links ?? []).map((l) => [l.camera_id, l.hangs_on])));
  alarms = $derived([...(this.value?.alarms ?? [])].sort(byWeight));
  work = $derived(this.value?.work ?? []);
  /** Cameras that do not see as they should, by id. */
  pictures = $derived(new Map((this.value?.pictures ?? []).map((p) => [p.camera_id, p])));

  /** Cameras that hang on an asset, near or far. */
  below(asset_id: string): string[] {
    return [...this.links].filter(([, on]) => this.above(on).has(asset_id)).map(([camera]) => camera);
  }
  /** Everything these links lead to. */
  above(on: readonly string[]): Set<string> {
    const all = new Set<string>();
    const add = (id: string): void => {
      if (all.has(id)) return;
      all.add(id);
      for (const next of this.assets.get(id)?.hangs_on ?? []) add(next);
    };
    on.forEach(add);
    return all;
  }
}

/** Shared causes before single cameras, the larger first, then the older. */
export function byWeight(a: FleetAlarm, b: FleetAlarm): number {
  const shared = (x: FleetAlarm) => (x.claim === 'single' ? 0 : 1);
  return shared(b) - shared(a) || b.cameras.length - a.cameras.length || a.since_us - b.since_us;
}

export function assetName(asset: Asset | undefined): string {
  return asset ? `${asset.code} · ${asset.name}` : t('fleet.unknown_asset');
}

/** What an alarm says, in a few words. */
export function causeOf(alarm: FleetAlarm, assets: ReadonlyMap<string, Asset>): string {
  const asset = alarm.cause_id ? assets.get(alarm.cause_id) : undefined;
  if (alarm.claim === 'single') {
    const camera = live.cameras.get(alarm.cameras[0] ?? '');
    return camera ? `${camera.code} · ${camera.name}` : t('stream.camera');
  }
  if (alarm.claim === 'suspected') return t('fleet.suspected_cause');
  if (alarm.claim === 'recorder') return t('fleet.recorder_cause');
  return assetName(asset);
}
