/** A run as tests tell of it: records and events with what they leave out filled in. */

import type { Event, Run, RunState } from '../../src/protocol.ts';

export const TIME = Date.parse('2026-01-31T12:00:00.000Z');

export function record(state: RunState = 'running', more: Partial<Run> = {}): Run {
  return {
    id: '20260131-120000-abcd',
    state,
    pid: 7,
    config: '/w/olive-config.json',
    created: at(0),
    started: at(1),
    finished: ['succeeded', 'failed', 'cancelled'].includes(state) ? at(99) : null,
    output_dir: '/w/out',
    passes: [passRecord('lora'), passRecord('int4')],
    error: null,
    options: { trust_user_script: false, lenient: false, python: null },
    host: 'h',
    boot: 'b',
    pid_started: null,
    attempt: 1,
    folder: '/w/.olivepress/runs/20260131-120000-abcd',
    ...more,
  };
}

export function passRecord(name: string, state: Run['passes'][number]['state'] = 'waiting', cached = false) {
  return { name, type: name === 'lora' ? 'LoRA' : 'ModelBuilder', state, cached };
}

export function at(seconds: number): string {
  return new Date(TIME + seconds * 1000).toISOString();
}

type Told = [type: string, pass: string | null, data: object];

/** Events numbered from `from` on, a second apart. */
export function events(told: readonly Told[], from = 1): Event[] {
  return told.map(([type, pass_name, data], index) => ({
    seq: from + index, time: at(from + index), type, pass_name, data,
  })) as unknown as Event[];
}

export const started = (attempt = 1): Told => [
  'run_started', null,
  {
    run_id: 'x', config: '/w/olive-config.json', attempt, resumed: attempt > 1, output_dir: '/w/out', pid: 7, host: 'h',
    passes: [{ name: 'lora', type: 'LoRA' }, { name: 'int4', type: 'ModelBuilder' }],
  },
];
export const begins = (pass: string, cached = false): Told => [
  'pass_started', pass, { index: 0, total: 2, type: 'LoRA', cached },
];
export const step = (number: number, loss: number | string = 1 / number): Told => [
  'metric', 'lora', { step: number, loss, learning_rate: 1e-4 },
];
export const progress = (done: number, total: number): Told => [
  'progress', 'lora', { phase: 'train', done, total, unit: 'step', seconds_left: total - done, memory_bytes: 1e9 },
];
export const ends = (pass: string, cached = false): Told => [
  'pass_finished', pass, { state: 'succeeded', cached, seconds: 4, import_seconds: 1, peak_memory_bytes: 2e9 },
];
export const says = (message: string): Told => ['log', 'lora', { level: 'info', message }];
export const finished = (state: string): Told => [
  'run_finished', null, { state, output_dir: '/w/out', summary: state === 'succeeded' ? { a: 1 } : null, error: null },
];
