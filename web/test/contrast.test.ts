// WCAG 2.2: 4.5:1 for text, 3:1 for the edges of controls and for marks, in both themes.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../src/ui/tokens.css', import.meta.url), 'utf8');
function tokens(theme: string): Record<string, string> {
  const block = css.split(`[data-theme='${theme}'] {`)[1]!.split('}')[0]!;
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1]!, m[2]!]));
}
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const ratio = (a: string, b: string) => {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
};
const text: [string, string[]][] = [
  ['tx', ['bg', 's1', 's2', 's3', 'hover', 'acc-bg', 'critical-bg', 'serious-bg']],
  ['tx2', ['bg', 's1', 's2', 's3', 'hover', 'acc-bg']],
  ['tx3', ['bg', 's1', 's2', 'hover']],
  ['acc-tx', ['bg', 's1', 's2', 's3', 'acc-bg']],
  ['on-acc', ['acc', 'acc-hover']],
  ['critical', ['s1', 's2', 's3', 'critical-bg']],
  ['serious', ['s1', 's2', 'serious-bg']],
  ['routine', ['s1', 's2', 'routine-bg']],
  ['ok', ['s1', 's2', 'ok-bg']],
  ['map-label', ['map-land', 'map-urban', 'map-ground']],
];
const marks: [string, string[]][] = [
  ['line-strong', ['bg', 's1', 's2']],
  ['critical', ['map-land', 'map-urban']],
  ['serious-mark', ['map-land', 'map-urban', 's1', 's2']],
  ['routine', ['map-land', 'map-urban']],
  ['map-unit', ['map-land', 'map-urban']],
];

for (const theme of ['dark', 'light']) {
  describe(`the ${theme} theme`, () => {
    const colour = tokens(theme);
    for (const [pairs, least] of [[text, 4.5], [marks, 3]] as const) {
      for (const [front, grounds] of pairs) {
        for (const ground of grounds) {
          it(`has ${front} on ${ground} at ${least}:1 or more`, () => {
            expect(ratio(colour[front]!, colour[ground]!)).toBeGreaterThanOrEqual(least);
          });
        }
      }
    }
  });
}
