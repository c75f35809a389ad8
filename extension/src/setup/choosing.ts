/** What Set Up Engine asks: for which hardware, and where to install. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import type { EngineReport, Hardware } from '../protocol.ts';
import type { Target } from './installing.ts';
import { freeFolder, madeFolders, pythonIn } from './places.ts';

function namesOfHardware(): Record<Hardware, string> {
  return {
    cpu: vscode.l10n.t('CPU'),
    cuda: vscode.l10n.t('NVIDIA GPU, CUDA'),
    directml: vscode.l10n.t('Any GPU on Windows, DirectML'),
  };
}

/** Only asked where there is a choice. */
export async function chooseHardware({ needs, gpus }: EngineReport): Promise<Hardware | undefined> {
  const { hardware, because } = needs;
  const isWindows = process.platform === 'win32';
  if (gpus.length === 0 && hardware === 'cpu' && !isWindows) {
    return hardware;
  }
  const others: Hardware[] = isWindows ? ['cpu', 'cuda', 'directml'] : ['cpu', 'cuda'];
  const names = namesOfHardware();
  const details: Record<Hardware, string> = {
    cpu: vscode.l10n.t('Runs everywhere; training is slow'),
    cuda: isWindows
      ? vscode.l10n.t('About 9 GB. For training, name the index of the CUDA builds of PyTorch in olivepress.pipArguments')
      : vscode.l10n.t('About 9 GB'),
    directml: vscode.l10n.t('Builds and runs models on any DirectX 12 GPU; training is on the CPU'),
  };
  const items = [hardware, ...others.filter((one) => one !== hardware)].map((value) => ({
    label: names[value],
    description: value === hardware ? because : '',
    detail: details[value],
    value,
  }));
  const title = vscode.l10n.t('Set Up Engine');
  const placeHolder = vscode.l10n.t('What should the engine use?');
  return (await vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut: true }))?.value;
}

export type Chosen = Target | 'another' | 'commands' | undefined;
type Item = vscode.QuickPickItem & { readonly value: Exclude<Chosen, undefined> };

/** `base`: where a new environment would lie. */
export async function chooseTarget(python: string, report: EngineReport, base: string): Promise<Chosen> {
  const folder = await freeFolder(base);
  const made = (await madeFolders(base)).map(pythonIn).filter((one) => one !== python);
  const fresh: Item = {
    label: vscode.l10n.t('$(new-folder) A new virtual environment'),
    detail: vscode.l10n.t('{0}, with Python {1}', folder, report.python.version),
    value: { python: pythonIn(folder), create: { folder, by: python } },
  };
  const here: Item = { label: vscode.l10n.t('$(package) The chosen interpreter'), detail: hereText(python, report), value: { python } };
  const isBest = report.python.virtual && report.needs.replaces.length === 0;
  const places = report.python.managed ? [fresh] : isBest ? [here, fresh] : [fresh, here];
  const items: Item[] = [
    ...made.map((one) => ({
      label: vscode.l10n.t('$(package) The environment {0}', path.relative(base, path.dirname(path.dirname(one)))),
      detail: vscode.l10n.t('{0}, made earlier', one),
      value: { python: one },
    })),
    ...places,
    { label: vscode.l10n.t('$(list-selection) Another interpreter...'), value: 'another' },
    {
      label: vscode.l10n.t('$(copy) Copy the commands'),
      detail: vscode.l10n.t('To install by hand, in a terminal'),
      value: 'commands',
    },
  ];
  const title = vscode.l10n.t('Set Up Engine: {0}', namesOfHardware()[report.needs.hardware]);
  const placeHolder = vscode.l10n.t('Where should {0} be installed?', packagesText(report));
  return (await vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut: true }))?.value;
}

/** The best known ones first: `torch, transformers and 9 more`. */
function packagesText({ needs: { missing, extras } }: EngineReport): string {
  if (missing.length === 0) {
    return extras.join(' + ');
  }
  const known = ['torch', 'transformers', 'onnxruntime-genai', 'bitsandbytes'].filter((one) => missing.includes(one));
  const names = [...known, ...missing.filter((one) => !known.includes(one))];
  return names.length <= 4
    ? names.join(', ')
    : vscode.l10n.t('{0} and {1} more packages', names.slice(0, 3).join(', '), names.length - 3);
}

function hereText(python: string, { python: { virtual }, needs: { replaces } }: EngineReport): string {
  if (replaces.length) {
    return vscode.l10n.t('{0}; removes {1}, built for other hardware', python, replaces.join(', '));
  }
  return virtual
    ? python
    : vscode.l10n.t('{0}: not a virtual environment, so other programs share what is installed', python);
}
