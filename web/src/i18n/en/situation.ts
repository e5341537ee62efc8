import type { situation as vi } from '../vi/situation';
import type { English } from '../messages';

export const situation: English<typeof vi> = {
  'map.none_title': 'This browser cannot draw the map',
  'map.none_text': 'Everything else works; places are in the lists.',
  'map.generated': 'Outlines and roads generated for the demonstration',
  'map.label': 'Map of the province',
  'map.incidents': 'Incidents',
  'map.units': 'Units',
  'map.cameras': 'Cameras',
  'map.toggle': 'Show or hide {what}',

  'situation.open': 'Open incidents',
  'situation.calm': 'No incident is open',
  'situation.calm_text': 'Incidents opened from reports appear here and on the map.',
  'situation.take_next': 'Claim next report',
  'situation.new': 'New report',
  'situation.selected': 'Selected incident',
  'situation.open_page': 'Open',
  'situation.units': 'Units',
  'situation.none_selected': 'No incident selected',
  'situation.none_selected_text': 'Cameras near the selected incident appear here.',

  'replay.slider': 'Moment to replay, in 24 hours',
  'replay.title': 'Replay of',
  'replay.tag': 'REPLAY',
  'replay.live': 'LIVE',
  'replay.to_live': 'Back to live',
  'replay.five': '5 minutes back',
  'replay.play': 'Run fast',
  'replay.pause': 'Pause',
  'replay.earlier': 'One event back',
  'replay.later': 'One event on',
};
