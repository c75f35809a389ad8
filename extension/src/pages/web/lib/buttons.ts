/** Buttons that tell the extension what to do. */

import { h } from './dom.ts';
import { icon, type Icon } from './icons.ts';
import { send } from './page.ts';

/** With an icon and a word. */
export function action(name: string, label: string, symbol: Icon, look: 'primary' | 'secondary' = 'secondary'):
HTMLButtonElement {
  return h(`button.button.${look}`, { type: 'button', onclick: () => { send({ type: 'do', action: name }); } },
    icon(symbol), h('span', {}, label));
}

/** An icon alone; what it does is its label. */
export function iconButton(label: string, symbol: Icon, press: () => void): HTMLButtonElement {
  return h('button.icon-button', { type: 'button', 'aria-label': label, title: label, onclick: press }, icon(symbol));
}

/** Looks like a link, leads to a place in the editor. */
export function link(label: string, press: () => void, title?: string): HTMLButtonElement {
  return h('button.link', { type: 'button', title, onclick: press }, label);
}
