// Addresses of the screens. Every record has one, so that it can be sent to a colleague.
export type Screen =
  | 'situation'
  | 'reports'
  | 'incidents'
  | 'incident'
  | 'units'
  | 'cameras'
  | 'wall'
  | 'walls'
  | 'wall_screen'
  | 'playback'
  | 'fleet'
  | 'exports'
  | 'cases'
  | 'administration'
  | 'not_found';

export interface Place {
  screen: Screen;
  /** Values of the {names} of the pattern. */
  params: Readonly<Record<string, string>>;
}

const patterns: readonly [string, Screen][] = [
  ['/', 'situation'],
  ['/reports', 'reports'],
  ['/reports/{id}', 'reports'],
  ['/incidents', 'incidents'],
  ['/incidents/{id}', 'incident'],
  ['/units', 'units'],
  ['/units/{id}', 'units'],
  ['/cameras', 'cameras'],
  ['/cameras/{id}', 'cameras'],
  ['/wall', 'wall'],
  ['/walls', 'walls'],
  ['/walls/{id}', 'wall_screen'],
  ['/playback', 'playback'],
  ['/fleet', 'fleet'],
  ['/fleet/{tab}', 'fleet'],
  ['/exports', 'exports'],
  ['/exports/{id}', 'exports'],
  ['/cases', 'cases'],
  ['/cases/{id}', 'cases'],
  ['/administration', 'administration'],
  ['/administration/{tab}', 'administration'],
  ['/administration/{tab}/{id}', 'administration'],
];

export function locate(path: string): Place {
  const parts = path.split('/').filter(Boolean);
  for (const [pattern, screen] of patterns) {
    const names = pattern.split('/').filter(Boolean);
    if (names.length !== parts.length) continue;
    const params: Record<string, string> = {};
    const fits = names.every((name, i) => {
      const part = parts[i] ?? '';
      if (!name.startsWith('{')) return name === part;
      try {
        params[name.slice(1, -1)] = decodeURIComponent(part);
      } catch {
        return false;
      }
      return true;
    });
    if (fits) return { screen, params };
  }
  return { screen: 'not_found', params: {} };
}

export const links = {
  situation: () => '/',
  reports: () => '/reports',
  report: (id: string) => `/reports/${id}`,
  incidents: () => '/incidents',
  incident: (id: string) => `/incidents/${id}`,
  units: () => '/units',
  unit: (id: string) => `/units/${id}`,
  cameras: () => '/cameras',
  camera: (id: string) => `/cameras/${id}`,
  wall: () => '/wall',
  walls: () => '/walls',
  wallScreen: (id: string) => `/walls/${id}`,
  playback: (ids: readonly string[] = []) => (ids.length > 0 ? `/playback?cameras=${ids.join(',')}` : '/playback'),
  fleet: (tab = '') => (tab ? `/fleet/${tab}` : '/fleet'),
  exports: () => '/exports',
  export: (id: string) => `/exports/${id}`,
  cases: () => '/cases',
  case: (id: string) => `/cases/${id}`,
  administration: (tab = 'people') => `/administration/${tab}`,
  person: (id: string) => `/administration/people/${id}`,
  event: (sequence: number) => `/administration/journal/${sequence}`,
};
