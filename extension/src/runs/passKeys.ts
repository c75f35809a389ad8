// Where the passes of a config are named in its text: found without a parser, in half-typed text too.

export interface PassKey {
  readonly name: string;
  /** Offset of the opening quote. */
  readonly start: number;
  readonly end: number;
}

const TOKEN = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\/|[{}[\]]/g;
const COLON = /\s*:/y;

/** The keys of the object that the top-level key `passes` has, in the order of the text. */
export function passKeys(text: string): PassKey[] {
  const found: PassKey[] = [];
  let depth = 0;
  /** The key before the brackets that are open, by depth. */
  const under: string[] = [];
  let key = '';
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      depth++;
      under[depth] = token === '{' ? key : '[';
      key = '';
    } else if (token === '}' || token === ']') {
      depth--;
    } else if (token.startsWith('"')) {
      COLON.lastIndex = index + token.length;
      if (COLON.test(text)) {
        key = unquoted(token);
        if (depth === 2 && under[2] === 'passes') {
          found.push({ name: key, start: index, end: index + token.length });
        }
      }
    }
  }
  return found;
}

function unquoted(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    return token.slice(1, -1);
  }
}
