/** The view "Olive Runs": runs, their passes with numbers and results; runs of other folders of the host behind. */

import * as vscode from 'vscode';
import type { Artifact } from '../protocol.ts';
import { shownPath } from '../pages/places.ts';
import type { Services } from '../services.ts';
import { isHere } from './here.ts';
import type { PassView, RunView } from './view.ts';
import * as words from './words.ts';

/** What commands of the view are called with: `runId`, and what of the run is meant. */
export type Node =
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'pass'; readonly runId: string; readonly pass: string }
  | { readonly kind: 'metric'; readonly runId: string; readonly pass: string; readonly metric: string }
  | { readonly kind: 'artifact'; readonly runId: string; readonly path: string }
  | { readonly kind: 'error' | 'log'; readonly runId: string };

const CALM = 500;
const METRICS = ['loss', 'eval_loss', 'learning_rate', 'tokens_per_second', 'memory_bytes', 'gpu_memory_bytes'];
const ELSEWHERE: Node = { kind: 'elsewhere' };

export function register(services: Services): vscode.Disposable {
  const { runs, log } = services;
  const changed = new vscode.EventEmitter<Node | undefined>();
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  /** The runs as they are listed: if that stays, only what stands below a run is made anew. */
  let listed = '';

  const provider: vscode.TreeDataProvider<Node> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (node) => itemOf(services, node),
    getChildren: (node) => childrenOf(services, node),
    getParent: (node) => parentOf(services, node),
  };
  const view = vscode.window.createTreeView('olivepress.runs', {
    treeDataProvider: provider,
    canSelectMany: true,
    showCollapseAll: true,
  });
  const update = (): void => {
    timer = undefined;
    const now = runs.all.map((run) => `${run.id} ${String(isHere(run))}`).join('\n');
    if (now !== listed) {
      listed = now;
      changed.fire(undefined);
    } else {
      const others = runs.all.some((run) => waiting.has(run.id) && !isHere(run));
      for (const node of [...(others ? [ELSEWHERE] : []), ...[...waiting].map(nodeOf)]) {
        changed.fire(node);
      }
    }
    waiting.clear();
    const active = runs.all.filter((run) => !run.final).length;
    const tooltip = active === 1 ? vscode.l10n.t('1 run is active') : vscode.l10n.t('{0} runs are active', active);
    view.badge = active > 0 ? { value: active, tooltip } : undefined;
  };
  const updateSoon = (ids: readonly string[]): void => {
    for (const id of ids) {
      waiting.add(id);
    }
    timer ??= setTimeout(update, CALM);
  };
  const load = (): void => {
    if (view.visible && !runs.loaded && vscode.workspace.isTrusted) {
      runs.refresh().catch((error: unknown) => {
        log.warn(`Runs: ${String(error)}`);
      });
    }
  };
  load();
  return vscode.Disposable.from(
    changed,
    view,
    view.onDidChangeVisibility(load),
    view.onDidExpandElement(({ element }) => {
      if (element.kind === 'run') {
        runs.complete(element.runId).catch((error: unknown) => {
          log.warn(`Run ${element.runId}: ${String(error)}`);
        });
      }
    }),
    runs.onDidChange(({ ids }) => { updateSoon(ids); }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => { updateSoon([]); }),
    { dispose: () => { clearTimeout(timer); } },
  );
}

const nodes = new Map<string, Node>();

/** The same object each time: VS Code tells nodes apart by it. */
function nodeOf(id: string): Node {
  const node = nodes.get(id) ?? { kind: 'run', runId: id };
  nodes.set(id, node);
  return node;
}

function childrenOf({ runs }: Services, node: Node | undefined): Node[] {
  if (node === undefined) {
    const here = runs.all.filter(isHere).map((run) => nodeOf(run.id));
    return here.length < runs.all.length ? [...here, ELSEWHERE] : here;
  }
  if (node.kind === 'elsewhere') {
    return runs.all.filter((run) => !isHere(run)).map((run) => nodeOf(run.id));
  }
  const run = 'runId' in node ? runs.get(node.runId) : undefined;
  if (run === undefined) {
    return [];
  }
  const runId = run.id;
  if (node.kind === 'run') {
    return [
      ...(run.error === null ? [] : [{ kind: 'error', runId } as const]),
      ...run.passes.map((pass): Node => ({ kind: 'pass', runId, pass: pass.name })),
      ...run.artifacts.map(({ path }): Node => ({ kind: 'artifact', runId, path })),
      { kind: 'log', runId },
    ];
  }
  if (node.kind === 'pass') {
    const pass = run.passes.find((one) => one.name === node.pass);
    const measured = METRICS.filter((metric) => pass?.metrics[metric] !== undefined);
    return measured.map((metric) => ({ kind: 'metric', runId, pass: node.pass, metric }));
  }
  return [];
}

function parentOf({ runs }: Services, node: Node): Node | undefined {
  if (node.kind === 'elsewhere') {
    return undefined;
  }
  if (node.kind === 'run') {
    const run = runs.get(node.runId);
    return run === undefined || isHere(run) ? undefined : ELSEWHERE;
  }
  return nodeOf(node.runId);
}

function itemOf({ runs }: Services, node: Node): vscode.TreeItem {
  if (node.kind === 'elsewhere') {
    return elsewhereItem(runs.all.filter((run) => !isHere(run)));
  }
  const run = runs.get(node.runId);
  if (run === undefined) {
    return new vscode.TreeItem(node.runId);
  }
  switch (node.kind) {
    case 'run':
      return runItem(run);
    case 'pass': {
      const pass = run.passes.find((one) => one.name === node.pass);
      return pass === undefined ? new vscode.TreeItem(node.pass) : passItem(run, pass);
    }
    case 'metric': {
      const value = run.passes.find((one) => one.name === node.pass)?.metrics[node.metric];
      const item = new vscode.TreeItem(words.metricWord(node.metric));
      item.description = value === undefined ? '' : words.metricText(node.metric, value);
      item.iconPath = new vscode.ThemeIcon('graph-line');
      item.contextValue = 'metric';
      return item;
    }
    case 'artifact': {
      const artifact = run.artifacts.find(({ path }) => path === node.path);
      return artifact === undefined ? new vscode.TreeItem(node.path) : artifactItem(run, artifact);
    }
    case 'error': {
      const item = new vscode.TreeItem(run.error?.message ?? '');
      item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
      item.tooltip = [run.error?.message, run.error?.hint].filter(Boolean).join('\n\n');
      item.contextValue = 'error';
      item.command = { title: vscode.l10n.t('Go to Line'), command: 'olivepress.revealError', arguments: [run.id] };
      return item;
    }
    case 'log': {
      const item = new vscode.TreeItem(vscode.l10n.t('Log'));
      item.iconPath = new vscode.ThemeIcon('output');
      item.contextValue = 'log';
      item.command = { title: vscode.l10n.t('Show Run Log'), command: 'olivepress.showRunLog', arguments: [run.id] };
      return item;
    }
  }
}

function elsewhereItem(others: readonly RunView[]): vscode.TreeItem {
  const item = new vscode.TreeItem(
    vscode.l10n.t('Elsewhere on this host'),
    vscode.TreeItemCollapsibleState.Collapsed,
  );
  const active = others.filter((run) => !run.final).length;
  item.id = 'elsewhere';
  item.description = active > 0 ? vscode.l10n.t('{0} running', active) : String(others.length);
  item.iconPath = new vscode.ThemeIcon('vm');
  item.contextValue = 'elsewhere';
  return item;
}

function runItem(run: RunView): vscode.TreeItem {
  const name = words.configName(run);
  const open = run.final ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded;
  const item = new vscode.TreeItem(name, open);
  item.id = run.id;
  item.description = words.runText(run);
  item.iconPath = words.runIcon(run.state);
  const place = isHere(run) ? shownPath(run.config) : run.config;
  item.command = { title: vscode.l10n.t('Open Run'), command: 'olivepress.openRun', arguments: [run.id] };
  item.tooltip = [`${name}: ${words.runText(run)}`, place, run.id, ...part(run)].join('\n');
  const state = run.final ? '' : `${words.stateWord(run.state)}, `;
  item.accessibilityInformation = { label: `${name}, ${state}${words.runText(run)}` };
  item.contextValue = !run.final
    ? 'run.running'
    : run.state === 'succeeded'
      ? 'run.final.succeeded'
      : 'run.final.resumable';
  return item;
}

/** That the run was only a part of its config. */
function part({ options }: RunView): string[] {
  return [
    ...(options.from_pass ? [vscode.l10n.t('from pass {0} on', options.from_pass)] : []),
    ...(options.to_pass ? [vscode.l10n.t('up to pass {0}', options.to_pass)] : []),
  ];
}

function passItem(run: RunView, pass: PassView): vscode.TreeItem {
  const measured = METRICS.some((metric) => pass.metrics[metric] !== undefined);
  const state = pass.state === 'running' ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
  const item = new vscode.TreeItem(pass.name, measured ? state : vscode.TreeItemCollapsibleState.None);
  item.id = `${run.id}/${pass.name}`;
  item.description = words.passText(pass);
  item.iconPath = words.passIcon(pass.state);
  const peak = pass.peakMemory === null ? [] : [vscode.l10n.t('up to {0} of memory', words.sizeText(pass.peakMemory))];
  item.tooltip = [`${pass.name} (${pass.type}): ${words.passText(pass)}`, ...peak].join('\n');
  item.accessibilityInformation = { label: `${pass.name}, ${pass.type}, ${words.passText(pass)}` };
  item.contextValue = 'pass';
  return item;
}

function artifactItem(run: RunView, { kind, path, size_bytes: size }: Artifact): vscode.TreeItem {
  const item = new vscode.TreeItem(words.artifactWord(kind));
  item.id = `${run.id}/${path}`;
  item.description = kind === 'summary' ? shownPath(path) : `${words.sizeText(size)} · ${shownPath(path)}`;
  item.tooltip = path;
  item.accessibilityInformation = { label: `${words.artifactWord(kind)}, ${words.sizeText(size)}, ${path}` };
  item.iconPath = new vscode.ThemeIcon(kind === 'summary' ? 'json' : kind === 'model' ? 'package' : 'extensions');
  item.contextValue = `artifact.${kind}`;
  if (kind === 'summary') {
    const uri = vscode.Uri.file(path);
    item.command = { title: vscode.l10n.t('Open'), command: 'vscode.open', arguments: [uri] };
  }
  return item;
}
