/** A bar that says how much of something is taken; the text beside it says the same. */

import { h } from './dom.ts';

export function meter(share: number, look: 'good' | 'bad'): HTMLElement {
  const fill = h(`div.bar-fill.${look}`);
  fill.style.width = `${Math.min(100, Math.max(0.5, share * 100)).toFixed(1)}%`;
  return h('div.bar', { 'aria-hidden': 'true' }, fill);
}
