// Processes, found through /proc by a mark in their environment, which children inherit: also those that made
// themselves independent, as runs do. Nothing is ever looked for by its name alone.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

export const MARK = 'OLIVEPRESS_TEST_MARK';

/** Everything that descends from what was started with that mark: [{pid, parent, command}]. A mark may be a prefix. */
export function marked(mark) {
  const found = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1');
      const own = environment.split('\0').find((entry) => entry.startsWith(`${MARK}=`));
      if (own === undefined || !own.startsWith(`${MARK}=${mark}`)) continue;
      const status = readFileSync(`/proc/${name}/status`, 'latin1');
      if (/^State:\s+Z/m.test(status)) continue;
      found.push({
        pid: Number(name),
        parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
        command: readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').filter(Boolean),
        cwd: readlinkSync(`/proc/${name}/cwd`),
      });
    } catch {
      // It ended while we looked, or is another user's.
    }
  }
  return found;
}

const having = (mark, part) => marked(mark).filter((one) => one.command.some((word) => word.includes(part)));

export const extensionHosts = (mark) => having(mark, '--type=extensionHost');
export const languageServers = (mark) =>
  marked(mark).filter(({ command }) => /python/.test(command[0] ?? '') && command.some((word) => /olive_server|launch\.py/.test(word)) && !command.some((word) => /olive_engine|olivepress$/.test(word)));
export const workers = (mark) => having(mark, 'olive_engine.worker');

export function alive(pid) {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${String(pid)}/status`, 'latin1'));
  } catch {
    return false;
  }
}

/** Ends them at once, and says which they were. */
export function end(processes, signal = 'SIGKILL') {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone already.
    }
  }
  return processes.map(({ pid }) => pid);
}

/** Ends all that bear the mark; again and again, for some may be starting others. */
export async function endMarked(mark) {
  for (let round = 0; round < 20; round++) {
    const left = marked(mark);
    if (left.length === 0) return;
    end(left);
    await new Promise((done) => setTimeout(done, 50));
  }
}
