/** What the extension says, read from its sources: strings given to l10n.t, and strings that are shown without it. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Properties that the editor shows, wherever an object has them. */
const SHOWN = new Set([
  'label', 'detail', 'description', 'placeHolder', 'placeholder', 'prompt', 'tooltip', 'title', 'name', 'text',
  'message', 'openLabel', 'saveLabel', 'validationMessage', 'ariaLabel',
]);
const MESSAGE = /\bshow(Information|Warning|Error)Message$/;
/** Names of products, and what only the log gets. */
const LEFT = new Set(['Olive Press', 'Python ', 'The connection is closed.']);

export interface Place {
  readonly text: string;
  /** `src/runs/words.ts:12`. */
  readonly at: string;
}

export interface Words {
  /** Each string given to l10n.t. */
  readonly translated: readonly Place[];
  /** Calls of l10n.t whose string is not written out, so that nobody can translate it. */
  readonly computed: readonly Place[];
  /** Words of a natural language that are shown as they stand in the source. */
  readonly bare: readonly Place[];
}

export function words(): Words {
  const found = { translated: [] as Place[], computed: [] as Place[], bare: [] as Place[] };
  const folder = join(root, 'src');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.ts'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    const file = ts.createSourceFile(join(folder, name), text, ts.ScriptTarget.ES2022, true);
    visit(file, (node) => {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      const at = `${relative(root, file.fileName)}:${line + 1}`;
      if (ts.isCallExpression(node) && /\bl10n\.t$/.test(node.expression.getText(file))) {
        const [first] = node.arguments;
        if (first && ts.isStringLiteralLike(first)) found.translated.push({ text: first.text, at });
        else found.computed.push({ text: node.getText(file), at });
      }
      for (const one of shownIn(node, file)) found.bare.push({ text: one, at });
    });
  }
  return found;
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => { visit(child, look); });
}

/** Strings that `node` itself shows: as a property that is shown, or as an argument of a message. */
function shownIn(node: ts.Node, file: ts.SourceFile): string[] {
  if (ts.isPropertyAssignment(node) && SHOWN.has(node.name.getText(file))) return wordsOf(node.initializer);
  if (ts.isCallExpression(node) && MESSAGE.test(node.expression.getText(file))) {
    return node.arguments.flatMap(wordsOf);
  }
  if (ts.isNewExpression(node) && node.expression.getText(file) === 'CommandError') {
    return (node.arguments ?? []).flatMap(wordsOf);
  }
  if (
    ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isPropertyAccessExpression(node.left) && SHOWN.has(node.left.name.text)
  ) {
    return wordsOf(node.right);
  }
  return [];
}

/** Literal text that has words of a sentence in it: two words side by side, or one with a capital letter. */
function wordsOf(node: ts.Expression): string[] {
  if (ts.isConditionalExpression(node)) return [...wordsOf(node.whenTrue), ...wordsOf(node.whenFalse)];
  if (ts.isParenthesizedExpression(node)) return wordsOf(node.expression);
  const texts = ts.isStringLiteralLike(node)
    ? [node.text]
    : ts.isTemplateExpression(node)
      ? [node.head.text, ...node.templateSpans.map((span) => span.literal.text)]
      : [];
  const isShown = (text: string): boolean => /\p{L}{2,} \p{L}{2,}|^\p{Lu}\p{Ll}{2,}\b/u.test(text);
  return texts.filter((text) => !LEFT.has(text) && isShown(text.replace(/\$\([\w-]+\)/g, '')));
}

/** The strings of package.json and its walkthrough, in one language. */
export function packageStrings(language: '' | '.de'): Record<string, string> {
  return JSON.parse(readFileSync(join(root, `package.nls${language}.json`), 'utf8')) as Record<string, string>;
}

export function bundle(): Record<string, string> {
  return JSON.parse(readFileSync(join(root, 'l10n/bundle.l10n.de.json'), 'utf8')) as Record<string, string>;
}

/** Keys that package.json refers to. */
export function packageKeys(): string[] {
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  return [...text.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? '');
}
