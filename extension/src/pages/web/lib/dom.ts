/** Elements from a few words. Text is always text, never markup. */

type Child = Node | string | null | undefined | false;
type Value = string | number | boolean | null | undefined;
/** Listeners take the event that belongs to their name. */
type Properties = Readonly<Record<string, Value | ((event: never) => void)>>;

/** `h('button.primary', {onclick, 'aria-label': ...}, 'Run')`: tag, classes; `on...` listen, others are attributes. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K | `${K}.${string}`, properties?: Properties, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag as K);
  dress(element, classes, properties, children);
  return element;
}

/** The same for SVG. */
export function s<K extends keyof SVGElementTagNameMap>(
  name: K | `${K}.${string}`, properties?: Properties, ...children: Child[]
): SVGElementTagNameMap[K] {
  const [tag, ...classes] = name.split('.');
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag as K);
  dress(element, classes, properties, children);
  return element;
}

function dress(element: Element, classes: string[], properties: Properties | undefined, children: Child[]): void {
  if (classes.length > 0) element.classList.add(...classes);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value as EventListener);
    } else {
      attribute(element, name, value);
    }
  }
  element.append(...children.filter((child): child is Node | string => child instanceof Node || typeof child === 'string'));
}

/** Sets an attribute; false, null and undefined take it away, true leaves it empty. Untouched where it is right. */
export function attribute(element: Element, name: string, value: Value): void {
  const wanted = value === true ? '' : value;
  if (wanted === false || wanted === null || wanted === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(wanted)) element.setAttribute(name, String(wanted));
}

/** Sets the text, if it is another one: what does not change is not read out again. */
export function text(element: Element, value: string): void {
  if (element.textContent !== value) element.textContent = value;
}

export function show(element: Element, shown: boolean): void {
  attribute(element, 'hidden', !shown);
}

/** Children by key, in the order of the items; those that stay are updated in place and keep the focus. */
export function keyed<T>(
  parent: Element, items: readonly T[], key: (item: T) => string,
  create: (item: T) => HTMLElement, update: (element: HTMLElement, item: T) => void,
): void {
  const known = new Map<string, HTMLElement>();
  for (const child of parent.children) {
    if (child instanceof HTMLElement && child.dataset['key'] !== undefined) known.set(child.dataset['key'], child);
  }
  const wanted = items.map((item) => {
    const name = key(item);
    const element = known.get(name) ?? create(item);
    element.dataset['key'] = name;
    known.delete(name);
    update(element, item);
    return element;
  });
  for (const element of known.values()) element.remove();
  wanted.forEach((element, index) => {
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
  });
}

/** Text in which `names` between backticks stand in the editor's font. */
export function prose(words: string): (string | HTMLElement)[] {
  return words.split(/`([^`]+)`/).map((piece, index) => (index % 2 === 1 ? h('code', {}, piece) : piece));
}

/** A dotted name that may be broken where its parts meet. */
export function breakable(name: string): (string | HTMLElement)[] {
  return name.split(/(?<=[._/])/).flatMap((piece, index) => (index === 0 ? [piece] : [h('wbr'), piece]));
}

/** A part inside that must be there. */
export function part(element: Element, selector: string): HTMLElement {
  const found = element.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`${selector} is missing`);
  return found;
}
