// One look for the states of a unit wherever they stand. Colour is for what is under way.
import type { AssignmentStatus, Unit } from '../../api/types';

type Tone = 'plain' | 'accent' | 'info';
export const unit_tone: Readonly<Record<Unit['status'], Tone>> = {
  available: 'plain', assigned: 'accent', en_route: 'accent', on_scene: 'info', unavailable: 'plain',
};
export const milestone_tone: Readonly<Record<AssignmentStatus, Tone>> = {
  assigned: 'accent', accepted: 'accent', en_route: 'accent', on_scene: 'info', released: 'plain',
};
