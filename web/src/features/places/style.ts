// The map's style, built from the design tokens; every layer draws from sources of the centre's own.
import latin500 from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-500-normal.woff2?url';
import latin600 from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-600-normal.woff2?url';
import vietnamese500 from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-500-normal.woff2?url';
import vietnamese600 from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-600-normal.woff2?url';
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';

export const sources = ['ground', 'roads', 'labels', 'near', 'cameras', 'units', 'incidents', 'reports', 'pin'] as const;
export type SourceName = (typeof sources)[number];

export type Colours = (token: string) => string;
const font = ['Be Vietnam Pro Medium'];
const bold = ['Be Vietnam Pro SemiBold'];

// The page's own font files draw the labels; no glyph server is asked.
const face = (latin: string, vietnamese: string) => [
  {
    url: new URL(vietnamese, location.href).href,
    'unicode-range': ['U+0102-0103', 'U+0110-0111', 'U+0128-0129', 'U+0168-0169', 'U+01A0-01A1', 'U+01AF-01B0', 'U+1EA0-1EF9'],
  },
  { url: new URL(latin, location.href).href, 'unicode-range': ['U+0000-00FF', 'U+2000-206F'] },
];

const by = (property: string, table: Record<string, string>, fallback: string): ExpressionSpecification =>
  ['match', ['get', property], ...Object.entries(table).flat(), fallback] as unknown as ExpressionSpecification;

export function layers(c: Colours, theme: string): LayerSpecification[] {
  const severity = by('severity', { critical: c('critical'), serious: c('serious-mark') }, c('routine'));
  return [
    { id: 'back', type: 'background', paint: { 'background-color': c('map-ground') } },
    {
      id: 'land', type: 'fill', source: 'ground',
      paint: { 'fill-color': by('kind', { ward: c('map-urban') }, c('map-land')), 'fill-antialias': false },
    },
    {
      id: 'edge', type: 'line', source: 'ground',
      paint: { 'line-color': c('map-edge'), 'line-width': 0.8 },
    },
    {
      id: 'road', type: 'line', source: 'roads', filter: ['!=', ['get', 'class'], 'trunk'],
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': c('map-road'), 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.7, 14, 3] },
    },
    {
      id: 'trunk', type: 'line', source: 'roads', filter: ['==', ['get', 'class'], 'trunk'],
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': c('map-trunk'), 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 1.6, 14, 6] },
    },
    {
      id: 'near', type: 'line', source: 'near',
      paint: { 'line-color': severity, 'line-width': 1.2, 'line-opacity': 0.7, 'line-dasharray': [4, 4] },
    },
    {
      id: 'road-name', type: 'symbol', source: 'roads', minzoom: 9.5, filter: ['!=', ['get', 'name'], ''],
      layout: { 'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-font': font, 'text-size': 11, 'symbol-spacing': 320 },
      paint: { 'text-color': c('map-label'), 'text-halo-color': c('map-halo'), 'text-halo-width': 1.6 },
    },
    {
      id: 'label', type: 'symbol', source: 'labels',
      layout: {
        'text-field': ['get', 'name'], 'text-font': font, 'text-size': ['interpolate', ['linear'], ['zoom'], 8, 10.5, 12, 13],
        'symbol-sort-key': ['get', 'order'], 'text-padding': 6, 'text-max-width': 12,
        // A camera often stands where a name would: the name gives way.
        'text-variable-anchor': ['center', 'bottom', 'top', 'left', 'right'], 'text-radial-offset': 1.2,
      },
      paint: { 'text-color': c('map-label'), 'text-halo-color': c('map-halo'), 'text-halo-width': 1.6 },
    },
    {
      id: 'camera', type: 'symbol', source: 'cameras',
      layout: {
        'icon-image': ['concat', 'camera-', ['get', 'state'], `-${theme}`],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 8, 0.9, 13, 1.3], 'icon-allow-overlap': true,
        'symbol-sort-key': ['case', ['==', ['get', 'state'], 'offline'], 1, 0],
      },
    },
    {
      id: 'camera-name', type: 'symbol', source: 'cameras', minzoom: 11,
      layout: { 'text-field': ['get', 'code'], 'text-font': font, 'text-size': 10.5, 'text-offset': [0, 1], 'text-anchor': 'top', 'text-optional': true },
      paint: { 'text-color': c('map-label'), 'text-halo-color': c('map-halo'), 'text-halo-width': 1.6 },
    },
    {
      id: 'unit', type: 'symbol', source: 'units',
      layout: {
        'icon-image': ['concat', 'unit-', ['get', 'look'], `-${theme}`], 'icon-rotate': ['get', 'heading'],
        'icon-rotation-alignment': 'map', 'icon-allow-overlap': true, 'icon-ignore-placement': true,
        'icon-size': ['interpolate', ['linear'], ['zoom'], 8, 0.8, 13, 1.1],
        'text-field': ['step', ['zoom'], '', 10.5, ['get', 'call_sign']], 'text-font': font, 'text-size': 11,
        'text-offset': [0, 1.2], 'text-anchor': 'top', 'text-optional': true,
      },
      paint: { 'text-color': c('tx'), 'text-halo-color': c('map-halo'), 'text-halo-width': 1.6 },
    },
    {
      id: 'selected', type: 'circle', source: 'incidents', filter: ['get', 'selected'],
      paint: { 'circle-radius': 19, 'circle-color': 'transparent', 'circle-stroke-color': severity, 'circle-stroke-width': 2 },
    },
    {
      id: 'report', type: 'symbol', source: 'reports',
      layout: { 'icon-image': ['concat', 'report-', ['get', 'severity'], `-${theme}`], 'icon-allow-overlap': true },
    },
    {
      id: 'incident', type: 'symbol', source: 'incidents',
      layout: {
        // What has to be seen takes its room: names of places give way to it.
        'icon-image': ['concat', ['get', 'severity'], `-${theme}`], 'icon-allow-overlap': true,
        'text-field': ['get', 'title'], 'text-font': bold, 'text-size': 12, 'text-offset': [1.3, 0], 'text-anchor': 'left',
        'text-optional': true, 'text-justify': 'left', 'text-max-width': 20, 'symbol-sort-key': ['get', 'order'],
      },
      paint: { 'text-color': c('tx'), 'text-halo-color': c('map-halo'), 'text-halo-width': 2 },
    },
    {
      id: 'pin', type: 'symbol', source: 'pin',
      layout: { 'icon-image': `pin-${theme}`, 'icon-anchor': 'bottom', 'icon-allow-overlap': true },
    },
  ];
}

export function style(c: Colours, theme: string): StyleSpecification {
  const empty = { type: 'FeatureCollection' as const, features: [] };
  return {
    version: 8,
    'font-faces': { [font[0]!]: face(latin500, vietnamese500), [bold[0]!]: face(latin600, vietnamese600) },
    sources: Object.fromEntries(sources.map((name) => [name, { type: 'geojson' as const, data: empty }])),
    layers: layers(c, theme),
  };
}

// ---- marks, drawn once for a theme at twice the size
type Draw = (g: CanvasRenderingContext2D, c: Colours) => void;
function outlined(g: CanvasRenderingContext2D, fill: string, edge: string, width = 1.5): void {
  g.lineJoin = 'round';
  g.lineWidth = width * 2;
  g.strokeStyle = edge;
  g.stroke();
  g.fillStyle = fill;
  g.fill();
}
function polygon(g: CanvasRenderingContext2D, points: readonly [number, number][]): void {
  g.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? g.moveTo(x, y) : g.lineTo(x, y)));
  g.closePath();
}
const shapes: Record<string, (g: CanvasRenderingContext2D) => void> = {
  critical: (g) => polygon(g, [[13, 3.5], [23, 21.5], [3, 21.5]]),
  serious: (g) => polygon(g, [[13, 3], [23, 13], [13, 23], [3, 13]]),
  routine: (g) => {
    g.beginPath();
    g.arc(13, 13, 8, 0, 2 * Math.PI);
  },
};
const tint = (severity: string) => (severity === 'serious' ? 'serious-mark' : severity);
const arrow = (g: CanvasRenderingContext2D) => polygon(g, [[13, 5], [19, 20], [13, 16.5], [7, 20]]);

const marks: Record<string, Draw> = {
  ...Object.fromEntries(
    Object.entries(shapes).map(([name, shape]): [string, Draw] => [
      name, (g, c) => { shape(g); outlined(g, c(tint(name)), c('map-halo')); },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(shapes).map(([name, shape]): [string, Draw] => [
      `report-${name}`, (g, c) => { shape(g); outlined(g, c('map-halo'), c('map-halo'), 2); g.lineWidth = 2.4; g.strokeStyle = c(tint(name)); g.stroke(); },
    ]),
  ),
  'unit-free': (g, c) => { arrow(g); outlined(g, c('map-unit'), c('map-halo'), 1); },
  'unit-busy': (g, c) => { arrow(g); outlined(g, c('map-unit-busy'), c('map-halo'), 1); },
  'unit-off': (g, c) => { arrow(g); g.lineWidth = 1.5; g.strokeStyle = c('map-camera'); g.stroke(); },
  'camera-online': (g, c) => { g.beginPath(); g.rect(10, 10, 6, 6); outlined(g, c('map-camera'), c('map-halo'), 0.8); },
  'camera-offline': (g, c) => { g.beginPath(); g.rect(8.5, 8.5, 9, 9); g.lineWidth = 2; g.strokeStyle = c('serious-mark'); g.stroke(); polygon(g, [[8, 18], [18, 8]]); g.stroke(); },
  'camera-disabled': (g, c) => { g.beginPath(); g.rect(10, 10, 6, 6); g.lineWidth = 1.2; g.strokeStyle = c('map-camera'); g.stroke(); },
  'camera-unknown': (g, c) => { g.beginPath(); g.rect(10, 10, 6, 6); g.lineWidth = 1.2; g.strokeStyle = c('map-camera'); g.stroke(); },
  pin: (g, c) => { g.beginPath(); g.arc(13, 10, 7.5, Math.PI * 0.85, Math.PI * 0.15); g.lineTo(13, 25); g.closePath(); outlined(g, c('acc'), c('map-halo')); g.beginPath(); g.arc(13, 10, 2.6, 0, 7); g.fillStyle = c('on-acc'); g.fill(); },
};

export function images(c: Colours, theme: string): [string, ImageData][] {
  const ratio = 2;
  return Object.entries(marks).map(([name, draw]) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 26 * ratio;
    const g = canvas.getContext('2d', { willReadFrequently: true })!;
    g.scale(ratio, ratio);
    draw(g, c);
    return [`${name}-${theme}`, g.getImageData(0, 0, canvas.width, canvas.height)];
  });
}
