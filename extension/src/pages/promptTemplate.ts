/** The text that a model was trained on, as something to ask it with. Pure. */

/** Placeholders of `str.format`, or doubled braces. */
const PIECES = /\{\{|\}\}|\{([^{}]*)\}/g;

/**
 * `### Text: {phrase}\n### The tone is:\n{tone}` -> `### Text: {prompt}\n### The tone is:\n`: the first column is what
 * is asked, the last is what the model answers, and what stands behind it is its business too. Columns between them
 * stay as they are, to be filled in. '' where the template has no column.
 */
export function askingTemplate(textTemplate: string): string {
  const columns = [...textTemplate.matchAll(PIECES)].filter(({ 1: name }) => name !== undefined);
  const first = columns[0];
  if (first === undefined) return '';
  const last = columns.at(-1) ?? first;
  const end = columns.length > 1 ? last.index : last.index + last[0].length;
  let seen = false;
  return textTemplate.slice(0, end).replace(PIECES, (piece: string, name: string | undefined) => {
    if (name === undefined) return piece[0] ?? '';
    if (name === first[1] || !seen) {
      seen = true;
      return '{prompt}';
    }
    return `{${columnName(name)}}`;
  });
}

/** Columns of a template beside the prompt. */
export function fieldsOf(template: string): string[] {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(({ 1: name }) => name ?? '');
  return [...new Set(names)].filter((name) => name !== 'prompt');
}

/** `{a!r:>10}` names the column `a`. */
function columnName(written: string): string {
  return written.split(/[!:[.]/)[0] ?? written;
}

/**
 * The text_template of a config's data, in either dialect: that of the data config which a pass trains on, else the
 * first that has one; '' for none.
 */
export function textTemplateOf(config: unknown): string {
  const configs = dataConfigs(config);
  const used = trainedOn(config);
  const ordered = [...configs.filter(({ name }) => used.includes(name)), ...configs];
  return ordered.map(({ value }) => templateIn(value)).find((template) => template !== '') ?? '';
}

function dataConfigs(config: unknown): { name: string; value: unknown }[] {
  const found = entry(config, 'data_configs');
  if (Array.isArray(found)) return found.map((value: unknown) => ({ name: textOf(entry(value, 'name')), value }));
  return Object.entries(asObject(found)).map(([name, value]) => ({ name, value }));
}

/** Names of data configs that passes train on, or data configs written in place. */
function trainedOn(config: unknown): string[] {
  return Object.values(asObject(entry(config, 'passes'))).flatMap((pass) => {
    const places: unknown[] = Array.isArray(pass) ? pass : [pass];
    return places.flatMap((place) => [place, entry(place, 'config')].map((one) => textOf(entry(one, 'train_data_config'))));
  }).filter((name) => name !== '');
}

function templateIn(dataConfig: unknown): string {
  const places = [entry(dataConfig, 'pre_process_data_config'), entry(entry(dataConfig, 'components'), 'pre_process_data')];
  const all = [...places, ...places.map((place) => entry(place, 'params')), entry(dataConfig, 'params_config')];
  return all.map((place) => textOf(entry(place, 'text_template'))).find((text) => text !== '') ?? '';
}

function entry(value: unknown, name: string): unknown {
  return asObject(value)[name];
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
