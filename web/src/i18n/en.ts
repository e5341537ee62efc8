// English, a file a feature, as in Vietnamese.
import { access } from './en/access';
import { administration } from './en/administration';
import { cameras } from './en/cameras';
import { contributions } from './en/contributions';
import { devices } from './en/devices';
import { dispatch } from './en/dispatch';
import { errors } from './en/errors';
import { events } from './en/events';
import { exports } from './en/exports';
import { fleet } from './en/fleet';
import { incidents } from './en/incidents';
import { places } from './en/places';
import { shell } from './en/shell';
import { situation } from './en/situation';
import { walls } from './en/walls';

export const en: Readonly<Record<string, string>> = {
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
};
