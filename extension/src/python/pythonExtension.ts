/**
 * The interpreter that was chosen in the Python extension, if that is installed and the workspace is trusted: its
 * choice may be a program of the workspace. Only what is used of its interface is typed here.
 */

import * as vscode from 'vscode';

const ID = 'ms-python.python';

interface Environments {
  readonly known: readonly { readonly path: string }[];
  getActiveEnvironmentPath(scope?: vscode.Uri): { readonly path: string };
  resolveEnvironment(path: { readonly path: string }): Promise<Resolved | undefined>;
  readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
}

interface Resolved {
  readonly executable: { readonly uri?: vscode.Uri };
}

export interface PythonExtension {
  chosen(scope: vscode.Uri | undefined): Promise<string | undefined>;
  known(): Promise<string[]>;
  readonly onDidChange: vscode.Event<unknown>;
}

/** Starts it if it is there; undefined if not. */
export async function pythonExtension(log: vscode.LogOutputChannel): Promise<PythonExtension | undefined> {
  const extension = vscode.workspace.isTrusted ? vscode.extensions.getExtension<unknown>(ID) : undefined;
  if (!extension) {
    return undefined;
  }
  try {
    const environments = environmentsOf(await extension.activate());
    return (
      environments && {
        onDidChange: environments.onDidChangeActiveEnvironmentPath,
        async chosen(scope) {
          return programOf(environments, environments.getActiveEnvironmentPath(scope));
        },
        async known() {
          const found = await Promise.all(environments.known.map((one) => programOf(environments, one)));
          return found.filter((one) => one !== undefined);
        },
      }
    );
  } catch (error) {
    log.warn(`The Python extension could not be asked: ${String(error)}`);
    return undefined;
  }
}

function environmentsOf(exported: unknown): Environments | undefined {
  const given = typeof exported === 'object' && exported && 'environments' in exported ? exported.environments : null;
  return typeof given === 'object' && given && 'getActiveEnvironmentPath' in given ? (given as Environments) : undefined;
}

async function programOf(environments: Environments, one: { readonly path: string }): Promise<string | undefined> {
  return (await environments.resolveEnvironment(one))?.executable.uri?.fsPath;
}
