/** What a new config has to be asked, each question with what is here. Each gives its answer, BACK, or nothing. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Dataset, Models, NewConfigArgument } from '../protocol.ts';
import { CommandError, type Services } from '../services.ts';
import { columnsIn, filled, inBrief, lacking } from './preview.ts';
import { BACK, choose, chooseSome, write, type Answer, type Choice, type Place } from './steps.ts';

export type Template = NewConfigArgument['template'];
export type Device = 'cpu' | 'gpu';

export interface Data {
  readonly file: string;
  readonly holds: Dataset;
}

const DATA = '**/*.{json,jsonl,ndjson,csv,tsv,txt,parquet}';
const NO_DATA = '**/{node_modules,.olivepress,.vscode,.venv*,venv,env,cache,.git,site-packages}/**';
const MOST_FILES = 500;
/** Files that hold settings, parts of a model or words for people, and no rows. */
const OTHER = new RegExp(
  `(?:^|/)(?:${[
    'package(?:-lock)?\\.json|[^/]*config[^/]*\\.json|(?:settings|launch|olive[^/]*|run-summary)\\.json',
    'tokenizer[^/]*\\.json|(?:special_tokens_map|added_tokens|trainer_state|[^/]*\\.index)\\.json|vocab\\.(?:json|txt)',
    '(?:readme|license|cmakelists|constraints|requirements[^/]*)\\.txt',
  ].join('|')})$`,
  'i',
);

export function chooseFolder(place: Place, folders: readonly vscode.WorkspaceFolder[]): Promise<Answer<vscode.Uri>> {
  const items = folders.map(({ name, uri }) => ({ label: name, description: uri.fsPath, value: uri }));
  return choose(place, vscode.l10n.t('Which folder should the config go to?'), items);
}

export function chooseTemplate(place: Place): Promise<Answer<Template>> {
  // How many questions follow depends on this one.
  return choose<Template>({ ...place, total: 0 }, vscode.l10n.t('What should the config do?'), [
    {
      label: vscode.l10n.t('Fine-tune with LoRA, then build int4'),
      detail: vscode.l10n.t('Trains an adapter on your data, merges it, and builds a small model for onnxruntime-genai'),
      value: 'lora',
    },
    {
      label: vscode.l10n.t('Fine-tune with QLoRA, then build int4'),
      detail: vscode.l10n.t('Like LoRA, with the base model in 4 bits while it trains: less GPU memory, slower'),
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

export async function chooseModel({ server }: Services, place: Place, now?: string): Promise<Answer<string>> {
  const looking = server.command<Models>('olivepress.models', {}).then(modelChoices);
  for (;;) {
    const chosen = await choose(place, vscode.l10n.t('Which model should it start from?'), looking, now);
    const given = chosen === BROWSE ? await browseModel() : chosen === ON_HUB ? await nameModel(place) : chosen;
    // From the dialog or the name one comes back to the list.
    if (given !== BACK || chosen === BACK) {
      return given;
    }
  }
}

const BROWSE = ':browse';
const ON_HUB = ':hub';

function modelChoices({ hub, folders }: Models): Choice<string>[] {
  return [
    ...folders.map((folder) => ({
      label: vscode.workspace.asRelativePath(folder),
      description: vscode.l10n.t('folder'),
      value: folder,
    })),
    ...hub.map((name) => ({ label: name, description: vscode.l10n.t('already downloaded'), value: name })),
    { label: vscode.l10n.t('$(cloud-download) A model on Hugging Face...'), value: ON_HUB },
    { label: vscode.l10n.t('$(folder) Another folder...'), value: BROWSE },
  ];
}

async function browseModel(): Promise<string | typeof BACK> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      title: vscode.l10n.t('Folder of the Model'),
      openLabel: vscode.l10n.t('Use This Model'),
    })) ?? [];
  if (!folder) {
    return BACK;
  }
  try {
    await vscode.workspace.fs.stat(vscode.Uri.joinPath(folder, 'config.json'));
    return folder.fsPath;
  } catch {
    void vscode.window.showWarningMessage(
      vscode.l10n.t('{0} is no folder of a Hugging Face model: it has no config.json.', folder.fsPath),
    );
    return BACK;
  }
}

async function nameModel(place: Place): Promise<Answer<string>> {
  const named = (text: string): string => text.trim().replace(/^https?:\/\/[^/]+\//, '').replace(/\/$/, '');
  const prompt = vscode.l10n.t('Name on Hugging Face, such as Qwen/Qwen2.5-0.5B-Instruct');
  const text = await write({ ...place, step: Math.max(place.step, 2) }, prompt, '', (written) =>
    /^[\w-][\w.-]*\/[\w.-]+$/.test(named(written)) ? undefined : vscode.l10n.t('The name has the form owner/model.'),
  );
  return typeof text === 'string' ? named(text) : text;
}

export function chooseDevice(place: Place, now?: Device): Promise<Answer<Device>> {
  const items: Choice<Device>[] = [
    { label: vscode.l10n.t('CPU'), detail: vscode.l10n.t('Anywhere'), value: 'cpu' },
    { label: vscode.l10n.t('NVIDIA GPU'), detail: vscode.l10n.t('With the CUDA execution provider'), value: 'gpu' },
  ];
  return choose(place, vscode.l10n.t('Where should the finished model run?'), items, now);
}

/** Asks again where a file cannot be used. */
export async function chooseData({ server }: Services, place: Place, folder: vscode.Uri): Promise<Answer<Data>> {
  const items = dataFiles(folder);
  for (;;) {
    const chosen = await choose(place, vscode.l10n.t('Which file holds the rows to train on?'), items);
    if (typeof chosen !== 'string') {
      return chosen;
    }
    const file = chosen === BROWSE ? await browseData(folder) : chosen;
    if (file === undefined) {
      continue;
    }
    try {
      return { file, holds: await server.command<Dataset>('olivepress.dataset', { path: file }) };
    } catch (error) {
      if (!(error instanceof CommandError)) {
        throw error;
      }
      void vscode.window.showWarningMessage(error.message);
    }
  }
}

/** Those of the config's folder first. */
async function dataFiles(folder: vscode.Uri): Promise<Choice<string>[]> {
  const isOpen = vscode.workspace.getWorkspaceFolder(folder) !== undefined;
  const pattern = isOpen ? DATA : new vscode.RelativePattern(folder, DATA);
  const found = await vscode.workspace.findFiles(pattern, NO_DATA, MOST_FILES);
  const near = (uri: vscode.Uri): number => (uri.path.startsWith(`${folder.path}/`) ? 0 : 1);
  const files = found
    .filter((uri) => !OTHER.test(uri.path))
    .sort((one, other) => near(one) - near(other) || one.path.localeCompare(other.path));
  return [
    ...files.map((uri) => ({
      label: path.basename(uri.fsPath),
      description: isOpen ? vscode.workspace.asRelativePath(uri) : path.relative(folder.fsPath, uri.fsPath),
      value: uri.fsPath,
    })),
    { label: vscode.l10n.t('$(folder) Another file...'), value: BROWSE },
  ];
}

async function browseData(folder: vscode.Uri): Promise<string | undefined> {
  const found = await vscode.window.showOpenDialog({
    defaultUri: folder,
    title: vscode.l10n.t('Data File'),
    openLabel: vscode.l10n.t('Use This File'),
    filters: { [vscode.l10n.t('Data')]: ['json', 'jsonl', 'ndjson', 'csv', 'tsv', 'txt', 'parquet', 'gz'] },
  });
  return found?.[0]?.fsPath;
}

export function chooseColumns(place: Place, { file, holds }: Data): Promise<Answer<readonly string[]>> {
  const name = path.basename(file);
  const prompt =
    holds.total === null
      ? vscode.l10n.t('Which columns of {0} should the model see?', name)
      : vscode.l10n.t('Which columns of {0} ({1} rows) should the model see?', name, holds.total);
  return chooseSome(place, prompt, columnChoices(holds, holds.columns), (column) =>
    [...holds.inputs, holds.answer].includes(column),
  );
}

/** Empty where the whole text is to be learnt. */
export function chooseAnswer(place: Place, { holds }: Data, chosen: readonly string[]): Promise<Answer<string>> {
  const first = chosen.includes(holds.answer) ? holds.answer : chosen.at(-1);
  const none = {
    label: vscode.l10n.t('$(list-flat) None of these'),
    detail: vscode.l10n.t('The columns are plain text, not a question and its answer'),
    value: '',
  };
  const items = [...columnChoices(holds, chosen), none];
  return choose(place, vscode.l10n.t('Which column is the answer that the model should learn?'), items, first);
}

function columnChoices({ rows }: Dataset, columns: readonly string[]): Choice<string>[] {
  return columns.map((name) => ({
    label: name,
    detail: rows.map((row) => inBrief(row[name] ?? '')).join('  ·  '),
    value: name,
  }));
}

/** The text of a row, written with `\\n` for a line break; the first row is shown as it would be. */
export async function writeTemplate(
  { server }: Services,
  place: Place,
  { file, holds }: Data,
  columns: readonly string[],
  answer: string,
): Promise<Answer<string>> {
  const { suggested } = await server.command<Dataset>('olivepress.dataset', { path: file, columns, answer });
  const prompt = vscode.l10n.t('The text made from each row: {column} stands for its value, \\n for a line break.');
  const refuse = (text: string): string | undefined => {
    const wrong = lacking(text, holds.columns);
    if (wrong === 'nothing') {
      return vscode.l10n.t('Name a column: {0}.', holds.columns.map((name) => `{${name}}`).join(', '));
    }
    return wrong === undefined
      ? undefined
      : vscode.l10n.t('The data has no column {0}; it has {1}.', `{${wrong.unknown}}`, holds.columns.join(', '));
  };
  const [row] = holds.rows;
  const tell = (text: string): string | undefined =>
    row && columnsIn(text).length ? vscode.l10n.t('{0} First row: {1}', prompt, filled(text, row)) : undefined;
  const text = await write(place, prompt, suggested.replaceAll('\n', '\\n'), refuse, tell);
  return typeof text === 'string' ? text.replaceAll('\\n', '\n') : text;
}
