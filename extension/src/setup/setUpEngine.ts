/**
 * Olive: Set Up Engine. Finds out what the chosen interpreter lacks for a config and this machine, asks where to
 * install, installs, and takes the environment into use. Whatever fails is told with the end of pip's output and what
 * to try.
 */

import * as path from 'node:path';
import * as vscode from 'vscode';
import type { EngineReport, Hardware } from '../protocol.ts';
import { takeInterpreter } from '../python/selecting.ts';
import { CommandError, type Services } from '../services.ts';
import { showText } from '../texts.ts';
import { adviceFor } from './advice.ts';
import { chooseHardware, chooseTarget } from './choosing.ts';
import { examine } from './doctor.ts';
import { install, type Target } from './installing.ts';
import { troubleOf, withoutSecrets } from './pip.ts';
import { FOLDER, pythonIn } from './places.ts';

const LAST = 15;

let output: vscode.OutputChannel | undefined;
let isInstalling = false;

/** What one setting-up is about. */
interface Subject {
  readonly services: Services;
  readonly config: vscode.Uri | undefined;
}

export async function setUpEngine(services: Services, uri: unknown): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    throw new CommandError(vscode.l10n.t('This workspace is not trusted, so nothing is installed for it.'));
  }
  if (isInstalling) {
    output?.show();
    return;
  }
  const given = uri instanceof vscode.Uri ? uri : services.configs.active?.uri;
  const subject = { services, config: given?.scheme === 'file' ? given : undefined };
  const interpreter = await services.interpreters.current(subject.config);
  if (!interpreter) {
    await offerInterpreters(subject);
    return;
  }
  const report = await look(subject, interpreter.path);
  if (report.needs.missing.length > 0 || (await tellComplete(subject, interpreter.path, report))) {
    await offer(subject, interpreter.path, report);
  }
}

/** Without any Python nothing can be set up; one can be named. */
async function offerInterpreters({ services, config }: Subject): Promise<void> {
  const select = vscode.l10n.t('Select Interpreter');
  if ((await vscode.window.showErrorMessage(services.interpreters.lacking(), select)) === select) {
    await vscode.commands.executeCommand('olivepress.selectInterpreter');
    if (await services.interpreters.current(config)) {
      await setUpEngine(services, config);
    }
  }
}

/** Whether another place is wanted although nothing is missing. */
async function tellComplete(subject: Subject, python: string, report: EngineReport): Promise<boolean> {
  const said = vscode.l10n.t('{0} has everything that runs need.', python);
  const [run, details, elsewhere] = [
    vscode.l10n.t('Run Optimization'), vscode.l10n.t('Show Details'), vscode.l10n.t('Install Elsewhere'),
  ];
  const buttons = [...(subject.config ? [run] : []), details, elsewhere];
  const chosen = await vscode.window.showInformationMessage(said, ...buttons);
  if (chosen === run) {
    await vscode.commands.executeCommand('olivepress.runOptimization', subject.config);
  } else if (chosen === details) {
    const whole = await look(subject, python, report.needs.hardware, false);
    await showText(vscode.l10n.t('Engine'), pageOf(whole));
  }
  return chosen === elsewhere;
}

/** Where to install, and for which hardware. */
async function offer(subject: Subject, python: string, report: EngineReport): Promise<void> {
  const hardware = await chooseHardware(report);
  if (!hardware) {
    return;
  }
  const wanted = hardware === report.needs.hardware ? report : await look(subject, python, hardware);
  const isOpen = vscode.workspace.workspaceFolders !== undefined;
  const base = isOpen ? folderOf(subject) : subject.services.context.globalStorageUri.fsPath;
  const target = await chooseTarget(python, wanted, base);
  if (target === 'another') {
    await vscode.commands.executeCommand('olivepress.selectInterpreter');
    await setUpEngine(subject.services, subject.config);
  } else if (target === 'commands') {
    await vscode.env.clipboard.writeText(commandsOf(python, wanted));
    void vscode.window.showInformationMessage(vscode.l10n.t('The commands were copied to the clipboard.'));
  } else if (target?.create || target?.python === python) {
    await carryOut(subject, target, wanted);
  } else if (target) {
    const there = await look(subject, target.python, hardware);
    await (there.needs.missing.length ? carryOut(subject, target, there) : takeIntoUse(subject, target.python));
  }
}

async function carryOut(subject: Subject, target: Target, report: EngineReport): Promise<void> {
  output ??= vscode.window.createOutputChannel('Olive Press: Set Up Engine');
  isInstalling = true;
  const outcome = await install(subject.services, target, report, output).then(
    (value) => { isInstalling = false; return value; },
    (error: unknown) => { isInstalling = false; throw error; },
  );
  if (outcome.done) {
    const after = await look(subject, target.python, report.needs.hardware);
    if (after.needs.missing.length > 0) {
      const missing = after.needs.missing.join(', ');
      throw new CommandError(
        vscode.l10n.t('pip reported success, but {0} still lacks: {1}', target.python, missing),
      );
    }
    await takeIntoUse(subject, target.python);
  } else if (outcome.ended.cancelled) {
    void vscode.window.showInformationMessage(
      target.create
        ? vscode.l10n.t('Cancelled. Nothing was installed.')
        : vscode.l10n.t('Cancelled. Some of the packages may already be installed in {0}.', target.python),
    );
  } else {
    await tellFailure(subject, outcome.ended.lines, target, report);
  }
}

async function takeIntoUse({ config }: Subject, python: string): Promise<void> {
  await takeInterpreter(python);
  const run = vscode.l10n.t('Run Optimization');
  const said = vscode.l10n.t('The engine is ready: {0}', vscode.workspace.asRelativePath(python));
  if ((await vscode.window.showInformationMessage(said, ...(config ? [run] : []))) === run) {
    await vscode.commands.executeCommand('olivepress.runOptimization', config);
  }
}

async function tellFailure(
  subject: Subject,
  lines: readonly string[],
  target: Target,
  report: EngineReport,
): Promise<void> {
  const advice = adviceFor(troubleOf(lines), report, target.create !== undefined);
  const last = lines.slice(-LAST).map(withoutSecrets).join('\n');
  const title = vscode.l10n.t('The engine could not be set up');
  const end = vscode.l10n.t('The end of the output:');
  await showText(title, `# ${title}\n\n${advice}\n\n${end}\n\n\`\`\`\n${last}\n\`\`\`\n`);
  const again = vscode.l10n.t('Try Again');
  const another = vscode.l10n.t('Install Elsewhere');
  const whole = vscode.l10n.t('Show Output');
  const chosen = await vscode.window.showErrorMessage(`${title}. ${advice}`, again, another, whole);
  if (chosen === again) {
    await carryOut(subject, target, report);
  } else if (chosen === another) {
    await offer(subject, target.create?.by ?? target.python, report);
  } else if (chosen === whole) {
    output?.show();
  }
}

function look(subject: Subject, python: string, hardware?: Hardware, quick = true): Thenable<EngineReport> {
  const title = vscode.l10n.t('Looking at {0}', python);
  const location = quick ? vscode.ProgressLocation.Window : vscode.ProgressLocation.Notification;
  const question = { python, folder: folderOf(subject), config: subject.config?.fsPath, hardware, quick };
  return vscode.window.withProgress({ location, title, cancellable: !quick }, (_, token) =>
    examine(subject.services, question, token),
  );
}

function folderOf({ services, config }: Subject): string {
  const folder = (config && vscode.workspace.getWorkspaceFolder(config)) ?? vscode.workspace.workspaceFolders?.[0];
  return folder?.uri.fsPath ?? (config ? path.dirname(config.fsPath) : services.context.extensionPath);
}

function commandsOf(python: string, { needs }: EngineReport): string {
  const quote = process.platform === 'win32' ? '"' : "'";
  const words = needs.requirements.map((one) => `${quote}${one}${quote}`).join(' ');
  return `${python} -m venv ${FOLDER}\n${pythonIn(FOLDER)} -m pip install ${words}\n`;
}

function pageOf({ python, needs, findings }: EngineReport): string {
  const lines = findings.map(({ section, text, remedy }) => `* ${section}: ${text}${remedy ? ` (${remedy})` : ''}`);
  return `# ${python.executable}\n\n${needs.extras.join(' + ')}: ${needs.because}\n\n${lines.join('\n')}\n`;
}
