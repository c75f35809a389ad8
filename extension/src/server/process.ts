/** The server's process: started, its stderr brought into the log, ended for certain. */

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import type * as vscode from 'vscode';
import type { Command } from '../python/environment.ts';

const GRACE = 2000;
const LAST_LINES = 12;

export interface ServerProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when it has ended, with how: `exit code 1` and the end of what it said. */
  readonly ended: Promise<Ending>;
  /** Ends it; at once if it does not end by itself in a moment. */
  end(): Promise<void>;
}

export interface Ending {
  readonly how: string;
  readonly said: string;
}

export function startProcess(command: Command, folder: string, log: vscode.LogOutputChannel): ServerProcess {
  const child = spawn(command.command, command.args, { cwd: folder, env: command.env, windowsHide: true });
  const last: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    last.push(line);
    last.splice(0, last.length - LAST_LINES);
    logLine(log, line);
  });
  child.stdin.on('error', (error) => {
    log.debug(`The server's input: ${error.message}`);
  });
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (error) => {
      resolve({ how: error.message, said: '' });
    });
    child.once('close', (code, signal) => {
      resolve({ how: signal ? `signal ${signal}` : `exit code ${code ?? '?'}`, said: last.join('\n') });
    });
  });
  return {
    child,
    ended,
    async end() {
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE);
      child.stdin.end();
      await ended;
      clearTimeout(timer);
    },
  };
}

/** `2026-01-31 12:00:00,000 WARNING olive_server.files: ...`, and lines that go on with the one before. */
const LINE = /^[-\d]{10} [:,\d]{8,12} (DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/;

function logLine(log: vscode.LogOutputChannel, line: string): void {
  const [, level, text = line] = LINE.exec(line) ?? [];
  switch (level) {
    case 'DEBUG':
      log.debug(text);
      break;
    case 'INFO':
      log.info(text);
      break;
    case 'ERROR':
    case 'CRITICAL':
      log.error(text);
      break;
    case 'WARNING':
    case undefined:
    default:
      log.warn(text);
  }
}
