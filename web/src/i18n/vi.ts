// Vietnamese, the source of all messages: a file a feature. Keys are typed, and English must have
// each of them.
import { access } from './vi/access';
import { administration } from './vi/administration';
import { cameras } from './vi/cameras';
import { contributions } from './vi/contributions';
import { devices } from './vi/devices';
import { dispatch } from './vi/dispatch';
import { errors } from './vi/errors';
import { events } from './vi/events';
import { exports } from './vi/exports';
import { fleet } from './vi/fleet';
import { incidents } from './vi/incidents';
import { places } from './vi/places';
import { shell } from './vi/shell';
import { situation } from './vi/situation';
import { walls } from './vi/walls';

export const vi = {
  ...shell,
  ...situation,
  ...incidents,
  ...dispatch,
  ...cameras,
  ...devices,
  ...fleet,
  ...contributions,
  ...exports,
  ...access,
  ...administration,
  ...places,
  ...events,
  ...errors,
  ...walls,
} as const;

export type MessageKey = keyof typeof vi;
