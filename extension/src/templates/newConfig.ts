/**
 * Olive: New Config from Template. Asks for what the template needs, each question with what is here: models of the
 * hub's cache and of the folder, data files with their columns and first rows. The text comes from the server.
 */

import * as path from 'node:path';
import * as vscode from 'vscode';
import { CommandError, type Services } from '../services.ts';
import { BACK, ask, choose, chooseSome, write, type Answer, type Choice, type Place } from './steps.ts';

type Template = 'lora' | 'qlora' | 'int4' | 'example';

export interface Dataset {
  readonly format: string;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly total: number | null;
  readonly suggested: string;
}

interface NewConfig {
  readonly text: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

interface Answers {
  folder?: vscode.Uri;
  template?: Template;
  model?: string;
  dataFile?: string;
  dataset?: Dataset;
  columns?: readonly string[];
  textTemplate?: string;
  device?: 'cpu' | 'gpu';
}

const DATA = '**/*.{json,jsonl,ndjson,csv,tsv,txt,parquet}';
const NO_DATA = '**/{node_modules,.olivepress,.venv,venv,cache,.git}/**';
const MOST_FILES = 200;
/** JSON that holds settings and not rows. */
const SETTINGS = /(?:^|\/)(?:package(?:-lock)?|tsconfig|olive[\w.-]*|settings|launch|config|tokenizer\w*)\.jsonc?$/i;

/** `where`: the folder, from the explorer's menu. */
export async function newConfig(services: Services, where: unknown): Promise<void> {
  const answers: Answers = {};
  const folder = where instanceof vscode.Uri ? where : undefined;
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (!folder && folders.length === 0) {
    throw new CommandError(vscode.l10n.t('Open a folder first: the config is saved there, beside its data.'));
  }
  const first = folder ?? folders[0]?.uri;
  const trains = (): boolean => answers.template === 'lora' || answers.template === 'qlora';
  const done = await ask(vscode.l10n.t('New Olive Config'), () => [
    folder === undefined && folders.length > 1 ? keep((place) => chooseFolder(place, folders), 'folder') : undefined,
    keep(chooseTemplate, 'template'),
    answers.template === 'example' ? undefined : keep((place) => chooseModel(services, place), 'model'),
    answers.template === 'example' ? undefined : keep(chooseDevice, 'device'),
    trains() ? (place) => chooseData(services, place, answers) : undefined,
    trains() ? keep((place) => chooseColumns(place, answers), 'columns') : undefined,
    trains() ? keep((place) => writeTemplate(place, answers), 'textTemplate') : undefined,
  ]);
  const target = answers.folder ?? first;
  if (done && target) {
    await create(services, target, answers);
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

function chooseFolder(place: Place, folders: readonly vscode.WorkspaceFolder[]): Promise<Answer<vscode.Uri>> {
  const items = folders.map(({ name, uri }) => ({ label: name, description: uri.fsPath, value: uri }));
  return choose(place, vscode.l10n.t('Which folder should the config go to?'), items);
}

function chooseTemplate(place: Place): Promise<Answer<Template>> {
  return choose<Template>(place, vscode.l10n.t('What should the config do?'), [
    {
      label: vscode.l10n.t('Fine-tune with LoRA, then build int4'),
      detail: vscode.l10n.t('Trains an adapter on your data, merges it, and builds a small model for onnxruntime-genai'),
      value: 'lora',
    },
    {
      label: vscode.l10n.t('Fine-tune with QLoRA, then build int4'),
      detail: vscode.l10n.t('Like LoRA, with the base model in 4 bits while it trains: less GPU memory, somewhat slower'),
      value: 'qlora',
    },
    {
      label: vscode.l10n.t('Build int4 only'),
      detail: vscode.l10n.t('No training: the model as it is, smaller'),
      value: 'int4',
    },
    {
      label: vscode.l10n.t('Example: phrases and their tone'),
      detail: vscode.l10n.t('Phi-3 learns to tell sad, joyful, fearful and surprised phrases apart; comes with its data'),
      value: 'example',
    },
  ]);
}

async function chooseModel(services: Services, place: Place): Promise<Answer<string>> {
  const { hub, folders } = await services.server.command<{ hub: string[]; folders: string[] }>('olivepress.models', {});
  const other = 'other';
  const browse = 'browse';
  const items: Choice<string>[] = [
    ...folders.map((folder) => ({
      label: vscode.workspace.asRelativePath(folder),
      description: vscode.l10n.t('folder'),
      value: folder,
    })),
    ...hub.map((name) => ({ label: name, description: vscode.l10n.t('already downloaded'), value: name })),
    { label: vscode.l10n.t('$(folder) Another folder...'), value: browse },
    { label: vscode.l10n.t('$(cloud-download) A model on Hugging Face...'), value: other },
  ];
  const chosen = await choose(place, vscode.l10n.t('Which model should it start from?'), items);
  if (chosen === browse) {
    const found = await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      openLabel: vscode.l10n.t('Use This Model'),
    });
    return found?.[0]?.fsPath ?? BACK;
  }
  if (chosen !== other) {
    return chosen;
  }
  const name = await write(place, vscode.l10n.t('Name on Hugging Face, such as Qwen/Qwen2.5-0.5B-Instruct'), '', (text) =>
    /^[\w.-]+\/[\w.-]+$/.test(text.trim()) ? undefined : vscode.l10n.t('The name has the form owner/model.'),
  );
  return name;
}

function chooseDevice(place: Place): Promise<Answer<'cpu' | 'gpu'>> {
  return choose<'cpu' | 'gpu'>(place, vscode.l10n.t('Where should the finished model run?'), [
    { label: vscode.l10n.t('CPU'), detail: vscode.l10n.t('Anywhere'), value: 'cpu' },
    { label: vscode.l10n.t('NVIDIA GPU'), detail: vscode.l10n.t('With the CUDA execution provider'), value: 'gpu' },
  ]);
}

async function chooseData(services: Services, place: Place, answers: Answers): Promise<boolean | typeof BACK> {
  const files = await vscode.workspace.findFiles(DATA, NO_DATA, MOST_FILES);
  const browse = '';
  const items: Choice<string>[] = files
    .filter((uri) => !SETTINGS.test(uri.path))
    .map((uri) => ({
      label: path.basename(uri.fsPath),
      description: vscode.workspace.asRelativePath(uri),
      value: uri.fsPath,
    }));
  items.push({ label: vscode.l10n.t('$(folder) Another file...'), value: browse });
  let chosen = await choose(place, vscode.l10n.t('Which file holds the rows to train on?'), items);
  if (chosen === browse) {
    chosen = (await vscode.window.showOpenDialog({ openLabel: vscode.l10n.t('Use This File') }))?.[0]?.fsPath ?? BACK;
  }
  if (chosen === BACK || chosen === undefined) {
    return chosen === BACK ? BACK : false;
  }
  try {
    answers.dataset = await services.server.command<Dataset>('olivepress.dataset', { path: chosen });
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    void vscode.window.showWarningMessage(error.message);
    return chooseData(services, place, answers);
  }
  answers.dataFile = chosen;
  return true;
}

function chooseColumns(place: Place, { dataset }: Answers): Promise<Answer<readonly string[]>> {
  const items = (dataset?.columns ?? []).map((name) => ({
    label: name,
    description: dataset?.rows[0]?.[name] ?? '',
    detail: dataset?.rows.slice(1).map((row) => row[name] ?? '').join(' · ') ?? '',
    value: name,
  }));
  const prompt = vscode.l10n.t('Which columns should the model see? The last one chosen is the answer it learns.');
  const suggested = dataset?.suggested ?? '';
  return chooseSome(place, prompt, items, (name) => suggested.includes(`{${name}}`));
}

function writeTemplate(place: Place, { dataset, columns }: Answers): Promise<Answer<string>> {
  const chosen = columns ?? [];
  const all = dataset?.columns.every((name) => chosen.includes(name)) ?? false;
  const shown = all && dataset ? dataset.suggested : chosen.map((name) => `### ${name}: {${name}}`).join('\n');
  const prompt = vscode.l10n.t('The text made from each row: {column} stands for its value, \\n for a new line.');
  return write(place, prompt, shown.replaceAll('\n', '\\n'), (text) =>
    lacking(text, dataset?.columns ?? []),
  ).then((text) => (typeof text === 'string' ? text.replaceAll('\\n', '\n') : text));
}

/** Why a template will not do. */
export function lacking(text: string, columns: readonly string[]): string | undefined {
  const named = [...text.replaceAll(/\{\{|\}\}/g, '').matchAll(/\{([^{}]*)\}/g)].map((found) => found[1] ?? '');
  const unknown = named.find((name) => !columns.includes(name));
  if (unknown !== undefined) {
    return vscode.l10n.t('The data has no column {0}; it has {1}.', `{${unknown}}`, columns.join(', '));
  }
  return named.length ? undefined : vscode.l10n.t('Name a column: {0}.', columns.map((name) => `{${name}}`).join(', '));
}

async function create(services: Services, folder: vscode.Uri, answers: Answers): Promise<void> {
  const { text, files } = await services.server.command<NewConfig>('olivepress.newConfig', {
    template: answers.template,
    folder: folder.fsPath,
    model: answers.model,
    dataFile: answers.dataFile,
    textTemplate: answers.textTemplate,
    device: answers.device,
  });
  const target = await free(folder);
  for (const file of files) {
    const beside = vscode.Uri.joinPath(folder, file.path);
    if (!(await exists(beside))) {
      await vscode.workspace.fs.writeFile(beside, Buffer.from(file.text));
    }
  }
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  await vscode.window.showTextDocument(target, { preview: false });
}

/** A name that no file has yet: nothing is ever written over. */
async function free(folder: vscode.Uri): Promise<vscode.Uri> {
  for (let number = 1; ; number += 1) {
    const uri = vscode.Uri.joinPath(folder, number === 1 ? 'olive-config.json' : `olive-config-${String(number)}.json`);
    if (!(await exists(uri))) {
      return uri;
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
