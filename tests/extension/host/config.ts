/** A window on a folder with a broken classic config: editing help, commands, settings. */

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import * as vscode from 'vscode';
import { code, completions, cursorIn, eventually, extension, file, findings, hoverText, label, open, rangeOf, replace, services } from './kit.ts';

const has = (wanted: string) => (found: vscode.Diagnostic[]) => found.some((one) => code(one) === wanted);
const hasNot = (wanted: string) => (found: vscode.Diagnostic[]) => found.length > 0 && !has(wanted)(found);

afterEach(async () => {
  if (vscode.window.activeTextEditor?.document.isDirty === true) {
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
});

async function set(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('olivepress').update(name, value, vscode.ConfigurationTarget.Workspace);
}

describe('activation', () => {
  it('a config that is opened activates the extension and starts the server, whatever the file is called', async () => {
    await open('tones.json');
    const { server } = await services();
    equal(extension().isActive, true);
    await eventually('the server', () => server.state === 'running');
  });

  it('every command of the manifest is registered', async () => {
    await services();
    const { contributes } = extension().packageJSON as { contributes: { commands: { command: string }[] } };
    const registered = new Set(await vscode.commands.getCommands(true));
    deepEqual(contributes.commands.map(({ command }) => command).filter((name) => !registered.has(name)), []);
  });

  it('it runs where the files are, and keeps to itself what an untrusted folder could start a program with', () => {
    const manifest = extension().packageJSON as {
      extensionKind: string[];
      capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
    };
    deepEqual(manifest.extensionKind, ['workspace']);
    for (const setting of ['olivepress.interpreter', 'olivepress.importStrategy']) {
      ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(setting), setting);
    }
  });
});

describe('diagnostics', () => {
  it('stand at the mistake, once, with a remedy', async () => {
    const editor = await open('tones.json');
    const found = await findings(editor.document.uri, has('unknown-name'));
    const misspelt = found.filter((one) => one.message.includes('lora_aplha'));
    equal(misspelt.length, 1);
    ok(misspelt[0]?.range.contains(rangeOf(editor.document, 'lora_aplha').start));
    match(misspelt[0]?.message ?? '', /lora_alpha/);
  });

  it('no two stand at one place, and the JSON support of VS Code adds none', async () => {
    const { document } = await open('tones.json');
    await findings(document.uri, has('unknown-name'));
    const all = vscode.languages.getDiagnostics(document.uri);
    const places = all.map(({ range }) => `${range.start.line}:${range.start.character}`);
    deepEqual(places, [...new Set(places)]);
    deepEqual(all.filter((one) => !/olive/i.test(one.source ?? '')).map((one) => one.message), []);
  });

  it('broken JSON is told once, not by us and by the JSON support', async () => {
    const editor = await open('tones.json');
    await replace(editor, '"lora_aplha": 64,', '"lora_aplha": 64');
    const line = rangeOf(editor.document, '"lora_aplha": 64').start.line;
    const there = () => vscode.languages.getDiagnostics(editor.document.uri).filter(({ range }) => [line, line + 1].includes(range.start.line));
    await eventually('VS Code says it', () => there().some((one) => !/olive/i.test(one.source ?? '')));
    const errors = await eventually('we leave it to VS Code', () => {
      const found = there();
      return !found.some((one) => code(one).startsWith('json-')) && found;
    });
    const places = errors.map(({ range }) => `${range.start.line}:${range.start.character}`);
    deepEqual(places, [...new Set(places)]);
  });

  it('the quick fix mends the text, and the finding goes', async () => {
    const editor = await open('tones.json');
    await findings(editor.document.uri, has('unknown-name'));
    const range = rangeOf(editor.document, 'lora_aplha');
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider', editor.document.uri, range, vscode.CodeActionKind.QuickFix.value, 10);
    const fix = actions.find((one) => one.title.includes('lora_alpha'));
    ok(fix, `no fix among ${actions.map((one) => one.title).join(', ')}`);
    ok(fix.edit);
    await vscode.workspace.applyEdit(fix.edit);
    match(editor.document.getText(), /"lora_alpha": 64/);
    await eventually('no finding', () => !vscode.languages.getDiagnostics(editor.document.uri).some((one) => one.message.includes('lora_aplha')));
    await vscode.commands.executeCommand('undo');
  });

  it('Fix All mends what is certain, in one step', async () => {
    const editor = await open('tones.json');
    const before = editor.document.getText();
    await findings(editor.document.uri, has('unknown-name'));
    await vscode.commands.executeCommand('olivepress.fixAll');
    await eventually('the fix', () => editor.document.getText().includes('"lora_alpha": 64'));
    await vscode.commands.executeCommand('undo');
    equal(editor.document.getText(), before);
  });

  it('other JSON has none', async () => {
    await open('tones.json');
    const { document } = await open('package.json');
    deepEqual(vscode.languages.getDiagnostics(document.uri), []);
  });
});

describe('completion and hover', () => {
  const around = (inside: string) => `{
    "input_model": {"type": "HfModel", "model_path": "m"},
    "passes": {"tune": {"type": "LoRA", ${inside}}}
}`;

  it('parameters of the pass are offered, no label twice', async () => {
    const editor = await open('empty.json');
    const at = await cursorIn(editor, around('"|"'));
    const offered = await eventually('completion', async () => {
      const labels = (await completions(editor.document.uri, at)).map(label);
      return labels.includes('target_modules') && labels;
    });
    deepEqual(offered, [...new Set(offered)]);
  });

  it('types of passes are offered as values', async () => {
    const editor = await open('empty.json');
    const at = await cursorIn(editor, '{"input_model": {"type": "HfModel", "model_path": "m"}, "passes": {"a": {"type": "|"}}}');
    const offered = (await completions(editor.document.uri, at)).map((item) => label(item).replaceAll('"', ''));
    for (const type of ['LoRA', 'QLoRA', 'MergeAdapterWeights', 'ModelBuilder']) ok(offered.includes(type), type);
    deepEqual(offered, [...new Set(offered)]);
  });

  it('hover explains a parameter, once', async () => {
    const editor = await open('empty.json');
    const at = await cursorIn(editor, around('"|r": 64'));
    const text = await eventually('hover', async () => (await hoverText(editor.document.uri, at)) || undefined);
    match(text, /rank/i);
    equal(text.split(/\*\*r\*\*|`r`/).length <= 2, true, text);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });
});

describe('settings', () => {
  afterEach(async () => {
    for (const name of ['checks.severity', 'checks.enabled', 'oliveVersion', 'completion.enabled', 'hover.enabled']) await set(name, undefined);
  });

  it('another severity takes effect without a restart', async () => {
    const { document } = await open('tones.json');
    const severity = (found: vscode.Diagnostic[]) => found.find((one) => code(one) === 'unknown-name')?.severity;
    await findings(document.uri, (found) => severity(found) === vscode.DiagnosticSeverity.Error);
    await set('checks.severity', { 'unknown-name': 'hint' });
    await findings(document.uri, (found) => severity(found) === vscode.DiagnosticSeverity.Hint);
    await set('checks.severity', { 'unknown-name': 'off' });
    await eventually('off', () => !vscode.languages.getDiagnostics(document.uri).some((one) => code(one) === 'unknown-name'));
  });

  it('another release of Olive takes effect without a restart', async () => {
    const { document } = await open('tones.json');
    const before = (await findings(document.uri, has('unknown-name'))).map((one) => one.message).join('\n');
    await set('oliveVersion', '0.13');
    const after = await eventually('other findings', () => {
      const now = vscode.languages.getDiagnostics(document.uri).map((one) => one.message).join('\n');
      return now !== before && now !== '' && now;
    });
    match(after, /0\.13|no longer|`lora_r`/);
  });

  it('checks, completion and hover can be turned off, each by itself', async () => {
    const editor = await open('tones.json');
    const place = rangeOf(editor.document, 'lora_r').start;
    match(await eventually('hover', async () => (await hoverText(editor.document.uri, place)) || undefined), /rank/i);
    await set('hover.enabled', false);
    await eventually('no hover', async () => !/rank/i.test(await hoverText(editor.document.uri, place)));
    await set('checks.enabled', false);
    await eventually('no findings', () => vscode.languages.getDiagnostics(editor.document.uri).length === 0);
  });
});

describe('the server', () => {
  it('comes back after a restart, with its findings', async () => {
    const { server } = await services();
    await open('tones.json');
    const states: string[] = [];
    const listening = server.onDidChangeState((state) => states.push(state));
    await vscode.commands.executeCommand('olivepress.restartServer');
    await eventually('running again', () => server.state === 'running');
    listening.dispose();
    ok(states.includes('starting'), states.join());
    await findings(file('tones.json'), (found) => has('unknown-name')(found) && !hasNot('unknown-name')(found));
  });

  it('tells in words what it refuses', async () => {
    const { server } = await services();
    const error: unknown = await server.command('olivepress.run', { uri: file('tones.json').toString() }).catch((reason: unknown) => reason);
    ok(error instanceof Error);
    match(error.message, /Not started: line \d+/);
    ok('data' in error && Array.isArray((error.data as { problems?: unknown[] }).problems));
  });
});
