/** In which keys two configs differ. Pure. */

import type { ConfigChange } from './pageStates.ts';

/** The value of a JSON text with comments and trailing commas, as configs may have them; undefined if it is none. */
export function parseConfig(text: string): unknown {
  const plain = text.replace(/^\uFEFF/, '').replace(
    /("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, kept: string | undefined) => kept ?? ' ');
  const strict = plain.replace(/("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])/g, (_, kept: string | undefined) => kept ?? '');
  try {
    return JSON.parse(strict) as unknown;
  } catch {
    return undefined;
  }
}

/** Each difference once, as deep down as it can be told, in the order of the first config. */
export function configChanges(first: unknown, second: unknown): ConfigChange[] {
  return changesAt('', '', first, second);
}

/** `name`: the last part of the key. */
function changesAt(key: string, name: string, first: unknown, second: unknown): ConfigChange[] {
  if (JSON.stringify(first) === JSON.stringify(second)) return [];
  const [one, other] = [children(first), children(second)];
  if (one === undefined || other === undefined) {
    return [{ key: key || '.', values: [written(name, first), written(name, second)] }];
  }
  const names = [...new Set([...one.keys(), ...other.keys()])];
  return names.flatMap((child) =>
    changesAt(key === '' ? child : `${key}.${child}`, child, one.get(child), other.get(child)));
}

/** Entries of an object; of a list whose entries have names, by their names. Other lists are values. */
function children(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const named = value.map((item: unknown): [string, unknown] => {
    const name: unknown = typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined;
    return [typeof name === 'string' ? name : '', item];
  });
  const names = new Set(named.map(([name]) => name));
  return value.length > 0 && !names.has('') && names.size === value.length ? new Map(named) : undefined;
}

/** As JSON; secrets are not shown. */
function written(name: string, value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(hidden(name, value), hidden);
}

function hidden(key: string, value: unknown): unknown {
  return /token$|secret|password|api_?key/i.test(key) && typeof value === 'string' && value !== '' ? '***' : value;
}
