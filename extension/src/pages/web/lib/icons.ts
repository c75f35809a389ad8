/** A few line icons, drawn in the colour of the text around them. */

import { s } from './dom.ts';

const PATHS = {
  play: 'M4.5 3v10l8-5z',
  stop: 'M4 4h8v8H4z',
  resume: 'M3.5 3v10M6.5 3v10l7-5z',
  again: 'M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7',
  folder: 'M2 12.5v-9h4l1.5 2H14v7z',
  chat: 'M2 3h12v8H7l-3 2.5V11H2z',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  cross: 'M4 4l8 8M12 4l-8 8',
  circle: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z',
  bolt: 'M9 1.5L3.5 9H8l-1 5.5L12.5 7H8z',
  spin: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5',
  skip: 'M4 8h8',
  warning: 'M8 2l6.5 11.5h-13zM8 6.5v3.5M8 11.6v.6',
  error: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8v4M8 10.6v.6',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.6v.6M8 7.2v4',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  box: 'M8 1.8l5.5 3v6.4L8 14.2l-5.5-3V4.8zM2.5 4.8L8 7.8l5.5-3M8 7.8v6.4',
  layers: 'M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3',
  send: 'M2 2.5l12.5 5.5L2 13.5 4.5 8zM4.5 8h5',
} as const;

export type Icon = keyof typeof PATHS;

const FILLED: ReadonlySet<Icon> = new Set(['play', 'stop']);

export function icon(name: Icon): SVGSVGElement {
  return s(`svg.icon.icon-${name}`, { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, s('path', {
    d: PATHS[name],
    fill: FILLED.has(name) ? 'currentColor' : 'none',
    stroke: FILLED.has(name) ? 'none' : 'currentColor',
    'stroke-width': 1.3,
    'stroke-linejoin': 'round',
    'stroke-linecap': 'round',
  }));
}
