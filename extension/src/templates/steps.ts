/** Questions one after the other, with a way back. A question answers with a value, or says where to go. */

import * as vscode from 'vscode';

export const BACK = Symbol('back');
export type Answer<T> = T | typeof BACK | undefined;

export interface Place {
  readonly title: string;
  /** From one. */
  readonly step: number;
  /** 0 where it cannot be known yet. */
  readonly total: number;
}

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** undefined where the user turned away. `first`: the choice that Enter takes. Items may still be looked for. */
export function choose<T>(
  place: Place,
  placeholder: string,
  items: readonly Choice<T>[] | Promise<readonly Choice<T>[]>,
  first?: T,
): Promise<Answer<T>> {
  const pick = vscode.window.createQuickPick<Choice<T>>();
  pick.placeholder = placeholder;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  const fill = (found: readonly Choice<T>[]): void => {
    pick.items = found;
    pick.activeItems = found.filter(({ value }) => value === first).slice(0, 1);
    pick.busy = false;
  };
  const given = (): T | undefined => pick.selectedItems[0]?.value;
  if (!(items instanceof Promise)) {
    fill(items);
    return asked(pick, place, given);
  }
  pick.busy = true;
  return asked(pick, place, given, items.then(fill));
}

/** Several of them; at least one. */
export function chooseSome<T>(
  place: Place,
  placeholder: string,
  items: readonly Choice<T>[],
  chosen: (value: T) => boolean,
): Promise<Answer<readonly T[]>> {
  const pick = vscode.window.createQuickPick<Choice<T>>();
  pick.placeholder = placeholder;
  pick.canSelectMany = true;
  pick.items = items;
  pick.selectedItems = items.filter(({ value }) => chosen(value));
  const given = (): T[] | undefined => {
    // In the order in which they stand, not in which they were clicked.
    const values = items.flatMap(({ value }) => (pick.selectedItems.some((one) => one.value === value) ? [value] : []));
    return values.length ? values : undefined;
  };
  return asked(pick, place, given);
}

/** `refuse`: why a text will not do. `tell`: what to say of one that does. */
export function write(
  place: Place,
  prompt: string,
  value: string,
  refuse: (text: string) => string | undefined,
  tell: (text: string) => string | undefined = () => undefined,
): Promise<Answer<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = prompt;
  input.value = value;
  const judge = (text: string): void => {
    const told = tell(text);
    const good = told ? { message: told, severity: vscode.InputBoxValidationSeverity.Info } : undefined;
    input.validationMessage = refuse(text) ?? good;
  };
  if (value) {
    judge(value);
  }
  const judged = input.onDidChangeValue(judge);
  const given = (): string | undefined => {
    judge(input.value);
    return refuse(input.value) === undefined ? input.value.trim() : undefined;
  };
  return asked(input, place, given).finally(() => { judged.dispose(); });
}

type Input = vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox;

/** Rejects when `filling` does. */
function asked<T>(
  input: Input,
  { title, step, total }: Place,
  answer: () => T | undefined,
  filling?: Promise<void>,
): Promise<Answer<T>> {
  input.title = title;
  if (total > 0) {
    input.step = step;
    input.totalSteps = total;
  }
  input.ignoreFocusOut = true;
  input.buttons = step > 1 ? [vscode.QuickInputButtons.Back] : [];
  return new Promise<Answer<T>>((resolve, reject) => {
    input.onDidAccept(() => {
      const given = answer();
      if (given !== undefined) {
        resolve(given);
      }
    });
    input.onDidTriggerButton(() => { resolve(BACK); });
    input.onDidHide(() => { resolve(undefined); });
    input.show();
    filling?.catch(reject);
  }).finally(() => { input.dispose(); });
}

/** One question of a row; undefined: it is not asked this time. */
export type Question = ((place: Place) => Promise<boolean | typeof BACK>) | undefined;

/** Whether all questions were answered. `questions` is asked again after each, since answers change what comes. */
export async function ask(title: string, questions: () => readonly Question[]): Promise<boolean> {
  let at = 0;
  const way: number[] = [];
  for (;;) {
    const all = questions();
    if (at >= all.length) {
      return true;
    }
    const question = all[at];
    if (!question) {
      at += 1;
      continue;
    }
    const total = all.filter((one) => one !== undefined).length;
    const answered = await question({ title, step: way.length + 1, total });
    if (answered === BACK) {
      at = way.pop() ?? 0;
    } else if (answered) {
      way.push(at);
      at += 1;
    } else {
      return false;
    }
  }
}
