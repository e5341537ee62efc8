import type { dispatch as vi } from '../vi/dispatch';
import type { English } from '../messages';

export const dispatch: English<typeof vi> = {
  'unit_status.available': 'Available',
  'unit_status.assigned': 'Assigned',
  'unit_status.en_route': 'En route',
  'unit_status.on_scene': 'On scene',
  'unit_status.unavailable': 'Off duty',

  'unit_kind.police_patrol': '113 patrol',
  'unit_kind.traffic_police': 'Traffic police',
  'unit_kind.fire_engine': 'Fire engine',
  'unit_kind.rescue': 'Rescue',
  'unit_kind.ambulance': 'Ambulance',
  'unit_kind.commune_police': 'Commune police',

  'dispatch.nearest': 'Nearest free units',
  'dispatch.free': 'Free units',
  'dispatch.others': 'Other services',
  'dispatch.send': 'Send',
  'dispatch.none': 'No unit is free',
  'dispatch.none_text': 'Units released from an incident come back here.',
  'dispatch.board': 'Units assigned',
  'dispatch.nobody': 'Nobody sent yet. Choose from the free units.',
  'dispatch.sent': '{unit} was sent.',

  'unit.call_sign': 'Call sign',
  'unit.kind': 'Kind',
  'unit.status': 'Status',
  'unit.position': 'Position at',
  'unit.all': 'All',
  'unit.busy': 'On a task',
  'unit.add': 'Add unit',
  'unit.stop': 'Take off duty',
  'unit.start': 'Put on duty',
  'unit.none': 'There is no unit',
  'unit.none_text': 'The duty officer adds units; positions come from their devices.',
};
