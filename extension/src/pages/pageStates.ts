/** What the plan, compare and Try the Model pages are given. Plain data. */

import type { Plan, RunState } from '../protocol.ts';
import type { Point } from './series.ts';

export interface PlanState {
  /** Path of the config, and the same as it is shown. */
  readonly config: string;
  readonly place: string;
  /** Asked for and not there yet. */
  readonly loading: boolean;
  readonly plan: Plan | null;
  /** Why there is none. */
  readonly error: string | null;
  /** There is none because the interpreter lacks what makes one. */
  readonly needsEngine: boolean;
  /** The config was edited since. */
  readonly outdated: boolean;
  /** The pass that was asked about: it is scrolled to. */
  readonly pass: string | null;
}

export interface ComparedRun {
  readonly id: string;
  readonly name: string;
  readonly place: string;
  readonly state: RunState;
  /** ms since 1970 */
  readonly started: number | null;
  readonly seconds: number | null;
  readonly passes: readonly ComparedPass[];
  /** loss, eval_loss, tokens_per_second, memory_bytes, ... as they were last; `first_loss`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Curves by what they measure, of the pass that measured last. */
  readonly series: Readonly<Record<string, readonly Point[]>>;
  readonly artifacts: readonly { readonly kind: string; readonly path: string; readonly size: number }[];
}

export interface ComparedPass {
  readonly name: string;
  readonly type: string;
  readonly cached: boolean;
  readonly seconds: number | null;
}

export interface ConfigChange {
  /** Where in the config: `passes.lora.r`. */
  readonly key: string;
  /** As JSON; null where it is not written. */
  readonly values: readonly [string | null, string | null];
}

export interface CompareState {
  readonly runs: readonly [ComparedRun, ComparedRun];
  /** null: one of the two configs cannot be read. */
  readonly changes: readonly ConfigChange[] | null;
}

export interface Turn {
  readonly id: number;
  readonly prompt: string;
  readonly answer: string;
  /** undefined while the answer comes. */
  readonly outcome?: Outcome;
}

export interface Outcome {
  readonly tokens: number;
  readonly tokensPerSecond: number | null;
  readonly firstToken: number | null;
  readonly finish: 'stop' | 'length' | 'stopped' | 'failed';
  readonly error?: string;
}

export type ModelStatus = 'starting' | 'loading' | 'ready' | 'answering' | 'ended';

export interface ModelState {
  readonly folder: string;
  readonly name: string;
  readonly status: ModelStatus;
  /** Why it cannot be asked, and whether Set Up Engine would help. */
  readonly problem: { readonly message: string; readonly hint: string; readonly setUp: boolean } | null;
  readonly chatTemplate: boolean;
  readonly contextLength: number | null;
  readonly loadSeconds: number | null;
  /** The text around the prompt that the model was trained on: {prompt}, and {name} of further columns; '' for none. */
  readonly template: string;
  readonly turns: readonly Turn[];
}

/** How a prompt is put to the model. */
export interface Asking {
  readonly prompt: string;
  readonly form: 'template' | 'chat' | 'raw';
  readonly template: string;
  readonly system: string;
  readonly temperature: number;
  readonly maxTokens: number;
  /** With the chat template: what was said before is told too. */
  readonly remember: boolean;
}
