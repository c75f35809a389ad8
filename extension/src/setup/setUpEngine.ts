/**
 * Olive: Set Up Engine. Finds out what the chosen interpreter lacks for a config and this machine, asks where to
 * install, installs, and takes the environment into use. Whatever fails is told with the end of pip's output and what
 * to try.
 */

import * as path from 'node:path';
import * as vscode from 'vscode';
import { takeInterpreter } from '../python/selecting.ts';
import { CommandError, type Interpreter, type Services } from '../services.ts';
import { showText } from '../texts.ts';
import { examine, type Hardware, type Report } from './doctor.ts';
import { install, pythonIn, type Target } from './installing.ts';
import { troubleOf, withoutSecrets, type Trouble } from './pip.ts';

const FOLDER = '.venv-olive';
const LAST = 15;

let output: vscode.OutputChannel | undefined;

export async function setUpEngine(services: Services, uri: unknown): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    throw new CommandError(vscode.l10n.t('This workspace is not trusted: nothing is installed for it.'));
  }
  const config = uri instanceof vscode.Uri ? uri : services.configs.active?.uri;
  const interpreter = await services.interpreters.current(config);
  if (!interpreter) {
    throw new CommandError(services.interpreters.lacking());
  }
  const report = await look(services, interpreter.path, config);
  if (report.needs.missing.length === 0) {
    const said = vscode.l10n.t('{0} has everything that runs need.', interpreter.path);
    const details = vscode.l10n.t('Show Details');
    if ((await vscode.window.showInformationMessage(said, details)) === details) {
      await showText(vscode.l10n.t('Engine'), pageOf(report));
    }
    return;
  }
  await offer(services, interpreter, report, config);
}

/** Where to install, and for which hardware. */
async function offer(
  services: Services,
  interpreter: Interpreter,
  report: Report,
  config: vscode.Uri | undefined,
): Promise<void> {
  const hardware = await chooseHardware(report);
  if (!hardware) {
    return;
  }
  const wanted = hardware === report.needs.hardware ? report : await look(services, interpreter.path, config, hardware);
  const target = await chooseTarget(services, interpreter, wanted, config);
  if (target === 'another') {
    await vscode.commands.executeCommand('olivepress.selectInterpreter');
    await setUpEngine(services, config);
  } else if (target === 'commands') {
    await vscode.env.clipboard.writeText(commandsOf(interpreter, wanted));
    void vscode.window.showInformationMessage(vscode.l10n.t('The commands were copied to the clipboard.'));
  } else if (target) {
    await carryOut(services, target, wanted, config);
  }
}

async function carryOut(
  services: Services,
  target: Target,
  report: Report,
  config: vscode.Uri | undefined,
): Promise<void> {
  output ??= vscode.window.createOutputChannel('Olive Press: Set Up Engine');
  const outcome = await install(services, target, report.python.version, report.needs.requirements, output);
  if (!outcome.done) {
    if (outcome.ended.cancelled) {
      void vscode.window.showInformationMessage(vscode.l10n.t('Cancelled. Nothing was set up.'));
      return;
    }
    await tellFailure(services, outcome.ended.lines, target, report, config);
    return;
  }
  const after = await look(services, target.python, config, report.needs.hardware);
  if (after.needs.missing.length > 0) {
    const missing = after.needs.missing.join(', ');
    throw new CommandError(vscode.l10n.t('pip reported success, but {0} still lacks {1}.', target.python, missing));
  }
  await takeInterpreter(target.python);
  const run = vscode.l10n.t('Run Optimization');
  const said = vscode.l10n.t('The engine is ready: {0}', target.python);
  const chosen = await vscode.window.showInformationMessage(said, ...(config ? [run] : []));
  if (chosen === run) {
    await vscode.commands.executeCommand('olivepress.runOptimization', config);
  }
}

async function tellFailure(
  services: Services,
  lines: readonly string[],
  target: Target,
  report: Report,
  config: vscode.Uri | undefined,
): Promise<void> {
  const advice = adviceFor(troubleOf(lines), report);
  const last = lines.slice(-LAST).map(withoutSecrets);
  const title = vscode.l10n.t('The engine could not be set up');
  await showText(title, [`# ${title}`, advice, '```', ...last, '```'].join('\n\n').replaceAll('```\n\n', '```\n'));
  const again = vscode.l10n.t('Try Again');
  const another = vscode.l10n.t('Install Elsewhere');
  const whole = vscode.l10n.t('Show Output');
  const chosen = await vscode.window.showErrorMessage(`${title}. ${advice}`, again, another, whole);
  if (chosen === again) {
    await carryOut(services, target, report, config);
  } else if (chosen === another) {
    await setUpEngine(services, config);
  } else if (chosen === whole) {
    output?.show();
  }
}

function look(services: Services, python: string, config?: vscode.Uri, hardware?: Hardware): Thenable<Report> {
  const title = vscode.l10n.t('Looking at {0}', python);
  const location = vscode.ProgressLocation.Window;
  return vscode.window.withProgress({ location, title }, (_, token) =>
    examine(services, python, folderOf(services, config), token, config?.fsPath, hardware),
  );
}

function folderOf(services: Services, config: vscode.Uri | undefined): string {
  const folder = (config && vscode.workspace.getWorkspaceFolder(config)) ?? vscode.workspace.workspaceFolders?.[0];
  return folder?.uri.fsPath ?? (config ? path.dirname(config.fsPath) : services.context.extensionPath);
}

/** Only asked where there is a choice. */
async function chooseHardware(report: Report): Promise<Hardware | undefined> {
  const { hardware, because } = report.needs;
  const others: Hardware[] = process.platform === 'win32' ? ['cpu', 'cuda', 'directml'] : ['cpu', 'cuda'];
  if (report.gpus.length === 0 && hardware === 'cpu' && process.platform !== 'win32') {
    return hardware;
  }
  const names: Record<Hardware, string> = {
    cpu: vscode.l10n.t('CPU'),
    cuda: vscode.l10n.t('NVIDIA GPU, CUDA'),
    directml: vscode.l10n.t('Any GPU on Windows, DirectML'),
  };
  const items = [hardware, ...others.filter((one) => one !== hardware)].map((value) => ({
    label: names[value],
    description: value === hardware ? because : '',
    value,
  }));
  const placeHolder = vscode.l10n.t('What should the engine use?');
  return (await vscode.window.showQuickPick(items, { placeHolder, ignoreFocusOut: true }))?.value;
}

type Chosen = Target | 'another' | 'commands' | undefined;

async function chooseTarget(
  services: Services,
  interpreter: Interpreter,
  report: Report,
  config: vscode.Uri | undefined,
): Promise<Chosen> {
  const base = folderOf(services, config);
  const isOpen = vscode.workspace.workspaceFolders !== undefined;
  const folder = path.join(isOpen ? base : services.context.globalStorageUri.fsPath, FOLDER);
  const items: { label: string; detail: string; value: Exclude<Chosen, undefined> }[] = [
    {
      label: vscode.l10n.t('$(new-folder) A new virtual environment'),
      detail: vscode.l10n.t('{0}, with Python {1}', folder, report.python.version),
      value: { python: pythonIn(folder), create: { folder, by: interpreter.path } },
    },
  ];
  if (!report.python.managed) {
    const here = {
      label: vscode.l10n.t('$(package) The chosen interpreter'),
      detail: report.python.virtual
        ? interpreter.path
        : vscode.l10n.t('{0}: not a virtual environment, so other programs share what is installed', interpreter.path),
      value: { python: interpreter.path },
    };
    items.splice(report.python.virtual ? 0 : 1, 0, here);
  }
  items.push(
    { label: vscode.l10n.t('$(list-selection) Another interpreter...'), detail: '', value: 'another' },
    {
      label: vscode.l10n.t('$(copy) Copy the commands'),
      detail: vscode.l10n.t('To install by hand, in a terminal'),
      value: 'commands',
    },
  );
  const missing = report.needs.missing.join(', ');
  const title = vscode.l10n.t('Set Up Engine: {0}', report.needs.extras.join(' + '));
  const placeHolder = vscode.l10n.t('Not installed in {0}: {1}. Where to install?', interpreter.path, missing);
  return (await vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut: true }))?.value;
}

function commandsOf({ path: python }: Interpreter, { needs }: Report): string {
  const requirements = needs.requirements.map((one) => `'${one}'`).join(' ');
  return `${python} -m venv ${FOLDER}\n${FOLDER}/bin/python -m pip install ${requirements}\n`;
}

function pageOf({ python, needs, findings }: Report): string {
  const lines = findings.map(({ section, text }) => `* ${section}: ${text}`);
  return [`# ${python.executable}`, `${needs.extras.join(' + ')}: ${needs.because}`, lines.join('\n')].join('\n\n');
}

function adviceFor(trouble: Trouble, { python }: Report): string {
  switch (trouble) {
    case 'no-room':
      return vscode.l10n.t('The disk is full. The engine needs about 3 GB, with CUDA about 9 GB. Free some space and try again.');
    case 'no-network':
      return vscode.l10n.t(
        'The package index cannot be reached. Behind a proxy, set HTTPS_PROXY; for a mirror, set olivepress.pipArguments.',
      );
    case 'no-package':
      return vscode.l10n.t(
        'A package is not available for Python {0} on this system. Use Python 3.10 to 3.13.',
        python.version,
      );
    case 'managed':
      return vscode.l10n.t('This Python is managed by the operating system. Use a new virtual environment.');
    case 'not-allowed':
      return vscode.l10n.t('The folder cannot be written to. Use a new virtual environment.');
    case 'no-venv':
      return vscode.l10n.t(
        'This Python lacks venv or pip. On Debian and Ubuntu: sudo apt install python3-venv; or select another interpreter.',
      );
    case 'conflict':
      return vscode.l10n.t('The packages installed there conflict with the engine. Use a new virtual environment.');
    case 'unknown':
      return vscode.l10n.t("The end of pip's output says why.");
  }
}
