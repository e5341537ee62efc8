// The walls and saved layouts as this browser knows them; loaded again when an event says so.
import { api } from '../../api/client';
import type { Wall, WallEvent, WallLayout } from '../../api/types';
import { live } from '../../app/live.svelte';
import { Resource } from '../../app/resource.svelte';
import { t } from '../../i18n/index.svelte';

export class WallsState {
  readonly loading = new Resource<{ walls: Wall[]; layouts: WallLayout[] }>(() => api.get('/walls'), {
    on: (e) => e.stream.kind === 'wall' || e.stream.kind === 'wall_layout',
    // A wall runs for weeks: whatever went unheard is made good.
    every_ms: 60_000,
  });
  walls = $derived(this.loading.value?.walls ?? []);
  layouts = $derived(this.loading.value?.layouts ?? []);
}

/** Why an event is on a wall, in a few words. */
export function whyOf(event: WallEvent): string {
  if (event.cause === 'picture') return `${t('walls.cause.picture')} · ${live.cameras.get(event.cause_id)?.code ?? ''}`;
  const incident = live.incidents.get(event.cause_id);
  return incident ? `#${incident.number} ${t(`category.${incident.category}`)}` : t('walls.cause.incident');
}
