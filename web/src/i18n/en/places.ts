import type { places as vi } from '../vi/places';
import type { English } from '../messages';

export const places: English<typeof vi> = {
  'place_kind.unit': 'commune, ward',
  'place_kind.road': 'road',
  'place_kind.junction': 'junction',
  'place_kind.camera': 'camera',
  'place_kind.coordinates': 'coordinates',
  'place_kind.kilometre_post': 'kilometre post',

  'place.label': 'Place',
  'place.placeholder': 'commune, road, junction, Km, coordinates…',
  'place.hint': 'Marks may be left out; or click on the map.',
  'place.hint_typed': 'Marks may be left out.',
  'place.outside': 'Outside the province',

  'places.code': 'Code',
  'places.name': 'Name',
  'places.area': 'Area (km²)',
  'places.from': 'From',
  'places.to': 'Until',
  'places.successors': 'Successors',
  'places.on': 'Units on the day',
  'places.today': 'Today',
  'places.before': 'Before 1/7/2025',
  'places.import': 'Import outlines (GeoJSON)',
  'places.import_do': 'Import',
  'places.import_text': 'New outlines replace those of the units in the file. What is not valid is refused, with the reason.',
  'places.imported': '{n} outlines imported.',
  'places.imported_one': '{n} outline imported.',
  'places.refused': '{n} features refused:',
  'places.refused_one': '{n} feature refused:',
  'places.ready': '{name}: {n} features.',
  'places.not_geojson': 'not a FeatureCollection',
  'places.unreadable': '{name} cannot be read: {what}',

  'place_unit.ward': 'ward',
  'place_unit.commune': 'commune',
  'place_unit.township': 'township',
  'place_unit.district': 'district',
  'place_unit.province': 'province',
};
