/** Cells, and texts made of them, in brief. No `vscode` here. */

const SHORT = 40;
const LONG = 160;

/** One line of at most `most` characters. */
export function inBrief(text: string, most = SHORT): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, ' ⏎ ').replaceAll(/\s+/g, ' ');
  const characters = Array.from(line);
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('').trimEnd()}…`;
}

/** The names in a template's braces; `{{` and `}}` are braces of the text itself. */
export function columnsIn(template: string): string[] {
  return [...template.replaceAll(/\{\{|\}\}/g, '').matchAll(/\{([^{}]*)\}/g)].map((found) => found[1] ?? '');
}

/** Why a template will not do: it names no column, or one that is not there. */
export function lacking(template: string, columns: readonly string[]): 'nothing' | { unknown: string } | undefined {
  const named = columnsIn(template);
  const unknown = named.find((name) => !columns.includes(name));
  if (unknown !== undefined) {
    return { unknown };
  }
  return named.length ? undefined : 'nothing';
}

/** A template, line breaks written `\\n`, with a row's values in it. */
export function filled(template: string, row: Readonly<Record<string, string>>): string {
  const text = template
    .replaceAll('\\n', '\n')
    .replaceAll(/\{\{|\}\}|\{([^{}]*)\}/g, (found, name?: string) =>
      name === undefined ? found.slice(1) : inBrief(row[name] ?? ''),
    );
  return inBrief(text, LONG);
}
