/**
 * Olive: New Config from Template. Asks for what the template needs, each question with what is here: models of the
 * hub's cache and of the folder, data files with their columns and first rows. The text comes from the server.
 */

import * as vscode from 'vscode';
import type { NewConfig, NewConfigArgument } from '../protocol.ts';
import type { Services } from '../services.ts';
import * as questions from './questions.ts';
import { BACK, ask, type Answer, type Place } from './steps.ts';

interface Answers {
  folder?: vscode.Uri;
  template?: questions.Template;
  model?: string;
  device?: questions.Device;
  data?: questions.Data;
  columns?: readonly string[];
  answer?: string;
  textTemplate?: string;
}

/** `where`: the folder, from the explorer's menu. */
export async function newConfig(services: Services, where: unknown): Promise<void> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const first = where instanceof vscode.Uri ? where : (folders[0]?.uri ?? (await browseFolder()));
  if (first) {
    await askAll(services, first, where instanceof vscode.Uri ? [] : folders);
  }
}

/** `folders`: those to choose from; where there is no choice, `folder` it is. */
async function askAll(
  services: Services,
  folder: vscode.Uri,
  folders: readonly vscode.WorkspaceFolder[],
): Promise<void> {
  const answers: Answers = { folder };
  const done = await ask(vscode.l10n.t('New Olive Config'), () => [
    folders.length > 1 ? keep((place) => questions.chooseFolder(place, folders), 'folder') : undefined,
    keep(questions.chooseTemplate, 'template'),
    ...(answers.template === 'example' ? [] : aboutModel()),
    ...(answers.template === 'lora' || answers.template === 'qlora' ? aboutData() : []),
  ]);
  if (done) {
    await create(services, answers.folder ?? folder, answers);
  }

  function aboutModel() {
    return [
      keep((place) => questions.chooseModel(services, place, answers.model), 'model'),
      keep((place) => questions.chooseDevice(place, answers.device), 'device'),
    ];
  }

  function aboutData() {
    const { data } = answers;
    // The model's own template makes texts of conversations; one column leaves nothing to choose.
    const hasText = !data?.holds.messages;
    const hasColumns = hasText && data?.holds.columns.length !== 1;
    const columns = (hasColumns ? answers.columns : undefined) ?? data?.holds.columns ?? [];
    const answer = hasColumns && columns.length > 1 ? answers.answer : '';
    return [
      keep((place) => questions.chooseData(services, place, answers.folder ?? folder), 'data'),
      hasColumns ? keep(of(questions.chooseColumns), 'columns') : undefined,
      hasColumns && columns.length > 1
        ? keep(of((place, one) => questions.chooseAnswer(place, one, columns)), 'answer')
        : undefined,
      hasText
        ? keep(of((place, one) => questions.writeTemplate(services, place, one, columns, answer ?? '')), 'textTemplate')
        : undefined,
    ];
  }

  /** A question about the data that was chosen. */
  function of<T>(question: (place: Place, data: questions.Data) => Promise<Answer<T>>) {
    return async (place: Place): Promise<Answer<T>> => (answers.data ? question(place, answers.data) : BACK);
  }

  function keep<K extends keyof Answers>(question: (place: Place) => Promise<Answer<Answers[K]>>, name: K) {
    return async (place: Place): Promise<boolean | typeof BACK> => {
      const given = await question(place);
      if (given === BACK || given === undefined) {
        return given === BACK ? BACK : false;
      }
      answers[name] = given;
      return true;
    };
  }
}

/** Where no folder is open. */
async function browseFolder(): Promise<vscode.Uri | undefined> {
  const found = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    title: vscode.l10n.t('Folder for the Config'),
    openLabel: vscode.l10n.t('Put the Config Here'),
  });
  return found?.[0];
}

async function create(services: Services, folder: vscode.Uri, answers: Answers): Promise<void> {
  const { template = 'lora', model, device, data, textTemplate } = answers;
  const suffix = await freeSuffix(folder);
  const argument: NewConfigArgument = {
    template,
    folder: folder.fsPath,
    outputDir: `out${suffix}`,
    ...(model === undefined ? {} : { model }),
    ...(device === undefined ? {} : { device }),
    ...(data === undefined ? {} : { dataFile: data.file, messages: data.holds.messages }),
    ...(textTemplate === undefined ? {} : { textTemplate }),
  };
  const { text, files } = await services.server.command<NewConfig>('olivepress.newConfig', argument);
  for (const file of files) {
    const beside = vscode.Uri.joinPath(folder, file.path);
    if (!(await exists(beside))) {
      await vscode.workspace.fs.writeFile(beside, Buffer.from(file.text));
    }
  }
  const target = vscode.Uri.joinPath(folder, `olive-config${suffix}.json`);
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  await vscode.window.showTextDocument(target, { preview: false });
}

/** What makes of the config's and the output's names such as no file has yet: nothing is ever written over. */
async function freeSuffix(folder: vscode.Uri): Promise<string> {
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `-${String(number)}`;
    const names = [`olive-config${suffix}.json`, `out${suffix}`];
    const taken = await Promise.all(names.map((name) => exists(vscode.Uri.joinPath(folder, name))));
    if (!taken.includes(true)) {
      return suffix;
    }
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
