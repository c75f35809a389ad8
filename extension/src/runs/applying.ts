// What each event changes in the model of a run. Events are those of `olive_engine.runs`, in order, each once.

import type { Event } from '../protocol.ts';
import type { Pass, RunModel } from './model.ts';
import { ThinnedSeries } from './series.ts';
import { milliseconds, type LogEntry } from './view.ts';

const MEMORY = ['memory_bytes', 'gpu_memory_bytes'] as const;
const CURVES = ['loss', 'eval_loss', 'learning_rate', 'grad_norm', 'tokens_per_second'] as const;

/** One event. Types that are not known change nothing: a newer engine may tell more. */
export function take(run: RunModel, event: Event): void {
  const time = milliseconds(event.time) ?? run.created;
  switch (event.type) {
    case 'run_started': {
      run.toldAttempt = event.data.attempt;
      run.passes = event.data.passes.map(({ name, type }) => begun(known(run, name) ?? newPass(name, type)));
      run.artifacts = [];
      run.summary = null;
      log(run, time, 'run_started', event.data.resumed ? String(event.data.attempt) : '');
      break;
    }
    case 'pass_started': {
      const pass = passOf(run, event.pass_name, event.data.type);
      pass.told = event.data.cached ? 'cached' : 'running';
      pass.started = time;
      pass.finished = null;
      log(run, time, 'pass_started', event.data.cached ? 'cached' : '', event.pass_name);
      break;
    }
    case 'progress': {
      const pass = passOf(run, event.pass_name);
      const { phase, done, total, unit, seconds_left } = event.data;
      pass.progress = { phase, done, total, unit, eta: finite(seconds_left), time };
      for (const name of ['loss', 'tokens_per_second'] as const) {
        note(pass, name, event.data[name]);
      }
      for (const name of MEMORY) {
        const value = finite(event.data[name]);
        if (value !== null) {
          note(pass, name, value);
          curve(pass, name).add([(time - (run.started ?? run.created)) / 1000, value, time]);
          run.measured ??= pass;
        }
      }
      break;
    }
    case 'metric': {
      const pass = passOf(run, event.pass_name);
      for (const [name, value] of Object.entries(event.data)) {
        note(pass, name, value);
      }
      for (const name of CURVES) {
        const value = finite(event.data[name]);
        if (value !== null) {
          curve(pass, name).add([event.data.step, value, time]);
        }
      }
      run.measured = pass;
      break;
    }
    case 'log':
      log(run, time, 'log', event.data.message, event.pass_name, event.data.level);
      break;
    case 'artifact': {
      run.artifacts.push(event.data);
      if (event.pass_name !== null) {
        passOf(run, event.pass_name).artifacts.push(event.data);
      }
      log(run, time, 'artifact', event.data.path, event.pass_name);
      break;
    }
    case 'pass_finished': {
      const pass = passOf(run, event.pass_name);
      pass.told = event.data.cached ? 'cached' : 'done';
      pass.finished = time;
      pass.seconds = event.data.seconds;
      pass.peakMemory = event.data.peak_memory_bytes;
      pass.progress = null;
      log(run, time, 'pass_finished', pass.told, event.pass_name);
      break;
    }
    case 'run_finished': {
      run.summary = event.data.summary;
      const level = event.data.state === 'failed' ? 'error' : 'info';
      const why = event.data.error === null ? '' : event.data.error.message;
      log(run, time, 'run_finished', why || event.data.state, null, level);
      break;
    }
  }
}

export function newPass(name: string, type: string): Pass {
  const pass: Pass = {
    name,
    type,
    state: 'waiting',
    told: 'waiting',
    started: null,
    finished: null,
    seconds: null,
    peakMemory: null,
    progress: null,
    metrics: {},
    curves: {},
    get series() {
      return Object.fromEntries(Object.entries(pass.curves).map(([name, series]) => [name, series.points]));
    },
    artifacts: [],
  };
  return pass;
}

/** The pass of that name, added at the end if it was not heard of before. */
export function passOf(run: RunModel, name: string | null, type = ''): Pass {
  const found = known(run, name ?? '');
  if (found !== undefined) {
    found.type ||= type;
    return found;
  }
  const pass = newPass(name ?? '', type);
  run.passes.push(pass);
  return pass;
}

function known(run: RunModel, name: string): Pass | undefined {
  return run.passes.find((pass) => pass.name === name);
}

/** The pass in a further attempt: its curves go on. */
function begun(pass: Pass): Pass {
  return Object.assign(newPass(pass.name, pass.type), { metrics: pass.metrics, curves: pass.curves });
}

function curve(pass: Pass, name: string): ThinnedSeries {
  return (pass.curves[name] ??= new ThinnedSeries());
}

/** NaN is worth showing: a training that has come apart. */
function note(pass: Pass, name: string, value: unknown): void {
  if (typeof value === 'number' || (typeof value === 'string' && value !== '')) {
    pass.metrics[name] = Number(value);
  }
}

function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function log(
  run: RunModel,
  time: number,
  kind: LogEntry['kind'],
  message: string,
  pass: string | null = null,
  level: LogEntry['level'] = 'info',
): void {
  run.log.push({ time, kind, level, pass, message });
}
