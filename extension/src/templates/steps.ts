/** Questions one after the other, with a way back. A question answers with a value, or says where to go. */

import * as vscode from 'vscode';

export const BACK = Symbol('back');
export type Answer<T> = T | typeof BACK | undefined;

export interface Place {
  readonly title: string;
  /** From one. */
  readonly step: number;
  readonly total: number;
}

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** undefined where the user turned away. */
export function choose<T>(place: Place, placeholder: string, items: readonly Choice<T>[]): Promise<Answer<T>> {
  const pick = vscode.window.createQuickPick<Choice<T>>();
  pick.placeholder = placeholder;
  pick.items = items;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  return asked(pick, place, () => pick.selectedItems[0]?.value);
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
    const values = pick.selectedItems.map(({ value }) => value);
    return values.length ? values : undefined;
  };
  return asked(pick, place, given);
}

/** `refuse`: why a text will not do, or nothing. */
export function write(
  place: Place,
  prompt: string,
  value: string,
  refuse: (text: string) => string | undefined,
): Promise<Answer<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = prompt;
  input.value = value;
  const judged = input.onDidChangeValue((text) => { input.validationMessage = refuse(text); });
  return asked(input, place, () => (refuse(input.value) === undefined ? input.value.trim() : undefined)).finally(() => {
    judged.dispose();
  });
}

type Input = vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox;

function asked<T>(input: Input, { title, step, total }: Place, answer: () => T | undefined): Promise<Answer<T>> {
  input.title = title;
  input.step = step;
  input.totalSteps = total;
  input.ignoreFocusOut = true;
  input.buttons = step > 1 ? [vscode.QuickInputButtons.Back] : [];
  return new Promise<Answer<T>>((resolve) => {
    input.onDidAccept(() => {
      const given = answer();
      if (given !== undefined) {
        resolve(given);
      }
    });
    input.onDidTriggerButton(() => { resolve(BACK); });
    input.onDidHide(() => { resolve(undefined); });
    input.show();
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
