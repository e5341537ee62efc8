// The screens of the rail, in order, with who sees them and the letter that goes there.
import Cctv from '@lucide/svelte/icons/cctv';
import FolderLock from '@lucide/svelte/icons/folder-lock';
import HeartPulse from '@lucide/svelte/icons/heart-pulse';
import MapIcon from '@lucide/svelte/icons/map';
import Navigation from '@lucide/svelte/icons/navigation';
import PhoneIncoming from '@lucide/svelte/icons/phone-incoming';
import Settings from '@lucide/svelte/icons/settings';
import Siren from '@lucide/svelte/icons/siren';
import type { Component } from 'svelte';
import type { Role } from '../api/types';
import { links, type Screen } from '../app/routes';
import type { MessageKey } from '../i18n/index.svelte';

export interface RailItem {
  screens: readonly Screen[];
  title: MessageKey;
  icon: Component<{ size?: number }>;
  href: string;
  key: string;
  roles: readonly Role[];
}
const desk: readonly Role[] = ['call_taker', 'dispatcher', 'duty_officer'];

export const rail: readonly RailItem[] = [
  { screens: ['situation'], title: 'nav.situation', icon: MapIcon, href: links.situation(), key: 'G T', roles: [...desk, 'auditor'] },
  { screens: ['reports'], title: 'nav.reports', icon: PhoneIncoming, href: links.reports(), key: 'G N', roles: [...desk, 'auditor'] },
  { screens: ['incidents', 'incident'], title: 'nav.incidents', icon: Siren, href: links.incidents(), key: 'G V', roles: [...desk, 'auditor', 'unit_crew'] },
  { screens: ['units'], title: 'nav.units', icon: Navigation, href: links.units(), key: 'G L', roles: [...desk, 'auditor', 'unit_crew'] },
  { screens: ['cameras', 'wall', 'walls', 'wall_screen', 'playback'], title: 'nav.cameras', icon: Cctv, href: links.cameras(), key: 'G C', roles: [...desk, 'engineer', 'auditor'] },
  { screens: ['fleet'], title: 'nav.fleet', icon: HeartPulse, href: links.fleet(), key: 'G H', roles: [...desk, 'engineer', 'auditor'] },
  { screens: ['exports', 'cases'], title: 'nav.footage', icon: FolderLock, href: links.exports(), key: 'G K', roles: ['dispatcher', 'duty_officer', 'auditor', 'administrator'] },
  { screens: ['administration'], title: 'nav.administration', icon: Settings, href: links.administration(), key: 'G Q', roles: ['administrator', 'auditor', 'engineer', 'duty_officer'] },
];
