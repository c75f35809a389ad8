// Generated from schemas/olive_schemas/messages.json by `make docs`: change that file, not this one.
// Messages between the language server and its client beyond the protocol's own, and the events of runs.

/** Whether an open document is a workflow; told when it changes, to clients whose `initializationOptions` ask by `documents`. */
export interface DocumentKind {
  readonly uri: string;
  readonly workflow: boolean;
}

/** What a report of a defect should say of the server; and the releases of Olive that it knows. */
export interface Information {
  readonly version: string;
  readonly python: string;
  readonly executable: string;
  readonly platform: string;
  readonly folders: readonly string[];
  readonly documents: readonly Readonly<Record<string, unknown>>[];
  /** Oldest first. */
  readonly releases: readonly string[];
  /** The newest that is released. */
  readonly newest: string;
}

/** `lost`: it should be running and nobody does its work; never written, readers find it out. */
export type RunState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost';

/** A run as `run.json` has it. */
export interface Run {
  readonly id: string;
  readonly state: RunState;
  readonly pid: number | null;
  /** Absolute path of the config that was run. */
  readonly config: string;
  /** ISO 8601, UTC, with `Z`; so are all times. */
  readonly created: string;
  readonly started: string | null;
  readonly finished: string | null;
  readonly output_dir: string | null;
  readonly passes: readonly PassRecord[];
  readonly error: RunError | null;
  readonly options: RunOptions;
  readonly host: string;
  readonly boot: string;
  readonly pid_started: string | null;
  /** 1, and one more with each resume. */
  readonly attempt: number;
  /** The run's directory: config.json, run.json, events.jsonl, worker.log. */
  readonly folder: string;
}

/** How a run was asked for. */
export interface RunOptions {
  readonly trust_user_script: boolean;
  readonly lenient: boolean;
  /** The interpreter of its worker. */
  readonly python: string | null;
  /** This pass and later ones are made anew, whatever the cache holds. */
  readonly from_pass?: string | null;
  /** Later passes were left out of the config that was run. */
  readonly to_pass?: string | null;
}

/** A pass as `run.json` has it. */
export interface PassRecord {
  readonly name: string;
  readonly type: string;
  readonly state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly cached: boolean;
  readonly seconds?: number | null;
  readonly peak_memory_bytes?: number | null;
}

/** Why a run failed or was lost; line and column are those of the config as it was run, 0 where there is none. */
export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly pointer: string;
  readonly hint: string;
  readonly line?: number;
  readonly column?: number;
  /** All that the run's own check found. */
  readonly problems?: readonly Problem[];
}

/** Something wrong with a config. Lines and columns count from 1. */
export interface Problem {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  readonly message: string;
  /** RFC 6901, into the file as written. */
  readonly pointer: string;
  readonly line?: number;
  readonly column?: number;
}

/** One thing that happened in a run. */
export type Event = RunStartedEvent | PassStartedEvent | ProgressEvent | MetricEvent | LogLineEvent | ArtifactEvent | PassFinishedEvent | RunFinishedEvent;

/** One line of `events.jsonl`; `seq` rises by one from 1. */
export interface AnyEvent {
  readonly seq: number;
  readonly time: string;
  readonly pass_name: string | null;
}

/** Event `run_started`. */
export interface RunStartedEvent extends AnyEvent {
  readonly type: 'run_started';
  readonly data: RunStarted;
}

/** The run, or a further attempt at it, has begun. */
export interface RunStarted {
  readonly run_id: string;
  readonly config: string;
  readonly attempt: number;
  readonly resumed: boolean;
  readonly passes: readonly NamedPass[];
  readonly output_dir: string | null;
  readonly pid: number;
  readonly host: string;
}

/** Event `pass_started`. */
export interface PassStartedEvent extends AnyEvent {
  readonly type: 'pass_started';
  readonly data: PassStarted;
}

/** A pass has begun, or is taken from the cache. */
export interface PassStarted {
  readonly index: number;
  readonly total: number;
  readonly type: string;
  readonly cached: boolean;
}

/** Event `progress`. */
export interface ProgressEvent extends AnyEvent {
  readonly type: 'progress';
  readonly data: Progress;
}

/** Where a pass stands. At most ten a second. */
export interface Progress {
  /** imports, load, data, quantise, train, merge, build, save, ... */
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  /** step, layer, byte, package, ... */
  readonly unit: string;
  readonly seconds_left?: Measured;
  readonly tokens_per_second?: Measured;
  readonly loss?: Measured;
  readonly memory_bytes?: Measured;
  readonly gpu_memory_bytes?: Measured;
}

/** Event `metric`. */
export interface MetricEvent extends AnyEvent {
  readonly type: 'metric';
  readonly data: Metric;
}

/** One optimiser step's numbers, or an evaluation's. */
export interface Metric {
  readonly step: number;
  readonly loss?: Measured;
  readonly eval_loss?: Measured;
  readonly learning_rate?: Measured;
  readonly grad_norm?: Measured;
  readonly epoch?: Measured;
  readonly tokens?: Measured;
  readonly tokens_per_second?: Measured;
}

/** Event `log`. */
export interface LogLineEvent extends AnyEvent {
  readonly type: 'log';
  readonly data: LogLine;
}

/** Something said for the user to read, without secrets. */
export interface LogLine {
  readonly level: Level;
  readonly message: string;
}

/** Event `artifact`. */
export interface ArtifactEvent extends AnyEvent {
  readonly type: 'artifact';
  readonly data: Artifact;
}

/** A result in its place: a folder (model, adapter) or the summary's file. */
export interface Artifact {
  readonly kind: 'model' | 'adapter' | 'summary';
  readonly path: string;
  readonly size_bytes: number;
}

/** Event `pass_finished`. */
export interface PassFinishedEvent extends AnyEvent {
  readonly type: 'pass_finished';
  readonly data: PassFinished;
}

/** A pass has ended well. */
export interface PassFinished {
  readonly state: 'succeeded';
  readonly cached: boolean;
  readonly seconds: number;
  readonly import_seconds: number;
  readonly peak_memory_bytes: number | null;
  readonly peak_gpu_memory_bytes?: number;
}

/** Event `run_finished`. */
export interface RunFinishedEvent extends AnyEvent {
  readonly type: 'run_finished';
  readonly data: RunFinished;
}

/** The last word of an attempt. */
export interface RunFinished {
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  readonly output_dir: string | null;
  /** run-summary.json of a run that succeeded. */
  readonly summary: Readonly<Record<string, unknown>> | null;
  readonly error: RunError | null;
}

/** A number, null where it is not known, or NaN, Infinity, -Infinity as text: JSON has no other way to say them. */
export type Measured = number | string | null;

/** A pass by its name and type. */
export interface NamedPass {
  readonly name: string;
  readonly type: string;
}

/** How much a log line matters. */
export type Level = 'debug' | 'info' | 'warning' | 'error';

/** Events of one run, in order, each sent once. */
export interface RunEvents {
  readonly run_id: string;
  readonly events: readonly Event[];
  /** More of them follow at once: the run is further than this tells. */
  readonly more: boolean;
}

/** A run began, was found, or changed its state. */
export interface RunChanged {
  readonly run_id: string;
  readonly state: RunState;
  readonly run: Run;
}

/** A run's directory is gone. */
export interface RunRemoved {
  readonly run_id: string;
}

/** Which config to run, and how. */
export interface RunArgument {
  readonly uri: string;
  /** Its user_script may run. */
  readonly trustUserScript?: boolean;
  /** Unknown names are warnings. */
  readonly lenient?: boolean;
  /** A pass: it and later ones are made anew, earlier ones come from the cache. */
  readonly from?: string;
  /** A pass: later ones are left out. */
  readonly to?: string;
}

/** A run that was started or resumed. */
export interface Started {
  readonly run_id: string;
  readonly folder: string;
  readonly state: RunState;
}

/** Which run. */
export interface OfRun {
  readonly run_id: string;
}

/** Which run to stop. */
export interface CancelArgument {
  readonly run_id: string;
  /** Do not wait for the next step. */
  readonly now?: boolean;
}

/** Asked to stop; the state as it was then. */
export interface Cancelled {
  readonly run_id: string;
  readonly state: RunState;
}

/** Which runs. */
export interface RunsArgument {
  /** Only those of this config. */
  readonly uri?: string;
  /** All of the user's on this host, not only those of the open folders. */
  readonly everywhere?: boolean;
}

/** Which events. */
export interface EventsArgument {
  readonly run_id: string;
  /** Only those with a greater `seq`. */
  readonly after?: number;
  /** Where reading goes on: `offset` of the answer before. */
  readonly offset?: number;
}

/** A stretch of a run's events. */
export interface EventsPage {
  readonly events: readonly Event[];
  /** Where reading goes on. */
  readonly offset: number;
  /** There are more already: ask again with this offset. */
  readonly more: boolean;
}

/** Where the results of a run lie. */
export interface Output {
  readonly run_id: string;
  readonly state: RunState;
  readonly output_dir: string | null;
  readonly exists: boolean;
  readonly artifacts: readonly Artifact[];
  readonly summary: Readonly<Record<string, unknown>> | null;
  readonly error: RunError | null;
  readonly log: string;
  readonly folder: string;
}

/** Which config to plan. */
export interface PlanArgument {
  readonly uri: string;
  readonly from?: string;
  readonly to?: string;
  readonly trustUserScript?: boolean;
}

/** What the plan tells of a pass before it runs; null where it cannot be told. */
export interface Estimate {
  readonly peak_memory_bytes: number | null;
  readonly disk_bytes: number | null;
  readonly trainable_parameters: number | null;
  readonly total_parameters: number | null;
  /** sequences, tokens, truncated, dropped, padded, steps, epochs */
  readonly data: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
}

/** A pass as it would be done. */
export interface PlannedPass {
  readonly name: string;
  readonly type: string;
  readonly cached: boolean;
  readonly key: string | null;
  /** Every one, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Those that the file itself writes. */
  readonly given: readonly string[];
  readonly estimate: Estimate;
}

/** What a run would do. */
export interface Plan {
  /** A run may start. */
  readonly ok: boolean;
  readonly config: string;
  readonly problems: readonly Problem[];
  readonly passes: readonly PlannedPass[];
  /** model, adapter, summary: where it will lie. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly cache_dir: string;
  readonly peak_memory_bytes: number | null;
  readonly memory_available_bytes: number | null;
  readonly disk_bytes: number | null;
  readonly disk_free_bytes: number | null;
}

/** Which config. */
export interface OfConfig {
  readonly uri: string;
}

/** Code of the workspace or of the model that a run of the config executes. */
export interface ForeignCode {
  /** A Python file that the config names, or code that comes with the model (trust_remote_code). */
  readonly kind: 'script' | 'model';
  readonly pointer: string;
  readonly line: number;
  readonly column: number;
  /** The file or folder, where it lies on this machine. */
  readonly path: string | null;
  /** As the config writes it. */
  readonly name: string;
}

/** What a run of the config executes that is not Olive Press. */
export interface CodeOfConfig {
  readonly code: readonly ForeignCode[];
  /** Changes with the config's place, the list and the content of the files; empty where there is none. */
  readonly digest: string;
}

/** Which config to migrate, and to what. */
export interface MigrateArgument {
  readonly uri: string;
  readonly to?: string;
  readonly from?: string;
  /** false: only say what would change. */
  readonly apply?: boolean;
  /** false: the notes are in the answer alone, without a message. */
  readonly tell?: boolean;
}

/** One change. */
export interface MigrationNote {
  readonly kind: 'exact' | 'default' | 'lossy' | 'person';
  readonly message: string;
  readonly pointer: string;
}

/** What migrating changes. */
export interface Migration {
  readonly source: string;
  readonly target: string;
  readonly exact: boolean;
  readonly notes: readonly MigrationNote[];
  /** A WorkspaceEdit. */
  readonly edit: Readonly<Record<string, unknown>> | null;
  readonly applied: boolean;
}

/** A run that was deleted. */
export interface Removed {
  readonly run_id: string;
}

/** Models that are here. */
export interface Models {
  /** Names in the cache of the Hugging Face hub. */
  readonly hub: readonly string[];
  /** Absolute paths, in the open folders. */
  readonly folders: readonly string[];
}

/** Which data file, and what is chosen of it. */
export interface DatasetArgument {
  /** Absolute. */
  readonly path: string;
  /** Those of the text; without it, those that are suggested. */
  readonly columns?: readonly string[];
  /** The column to be learnt; empty for none; without it, the one that is suggested. */
  readonly answer?: string;
}

/** A data file, as far as its beginning tells. */
export interface Dataset {
  readonly format: 'json' | 'csv' | 'text' | 'parquet';
  /** Those that a text template can name. */
  readonly columns: readonly string[];
  /** The first ones, shortened; none of a parquet file. */
  readonly rows: readonly Readonly<Record<string, string>>[];
  /** Rows, where their number is known. */
  readonly total: number | null;
  /** Columns of the text, without the answer. */
  readonly inputs: readonly string[];
  /** The column to be learnt, or empty. */
  readonly answer: string;
  /** A text template of the inputs and the answer. */
  readonly suggested: string;
  /** The column that holds conversations (lists of role and content), or empty. */
  readonly messages: string;
}

/** What a new config is about. Paths are absolute. */
export interface NewConfigArgument {
  readonly template: 'lora' | 'qlora' | 'int4' | 'example';
  /** Where the config will lie. */
  readonly folder: string;
  /** A folder, or a name on the hub. */
  readonly model?: string;
  readonly dataFile?: string;
  readonly textTemplate?: string;
  /** A column of conversations, instead of a text template. */
  readonly messages?: string;
  /** Where the finished model shall run. */
  readonly device?: 'cpu' | 'gpu';
  readonly outputDir?: string;
}

/** A file that belongs beside a config. */
export interface NewFile {
  /** As seen from the config's folder. */
  readonly path: string;
  readonly text: string;
}

/** The text of a config, and the files that it comes with. */
export interface NewConfig {
  readonly text: string;
  readonly files: readonly NewFile[];
}

/** What the engine is installed for. */
export type Hardware = 'cpu' | 'cuda' | 'directml';

/** `olivepress doctor --json`, as far as setting the engine up uses it: what an interpreter lacks for a config. */
export interface EngineReport {
  readonly fine: boolean;
  readonly findings: readonly EngineFinding[];
  readonly python: PythonFacts;
  readonly needs: EngineNeeds;
  readonly gpus: readonly Readonly<Record<string, unknown>>[];
}

/** One thing about packages or the machine. */
export interface EngineFinding {
  readonly section: string;
  readonly state: 'fine' | 'note' | 'missing';
  readonly text: string;
  readonly remedy: string;
}

/** An interpreter. */
export interface PythonFacts {
  readonly version: string;
  readonly executable: string;
  /** A virtual environment, or one of conda's. */
  readonly virtual: boolean;
  /** The system's package manager keeps it: pip refuses. */
  readonly managed: boolean;
}

/** What a config needs of an environment on this machine. */
export interface EngineNeeds {
  readonly hardware: Hardware;
  /** Why this hardware. */
  readonly because: string;
  readonly extras: readonly string[];
  /** All of them, as pip takes them. */
  readonly requirements: readonly string[];
  /** Names of those that are not installed, or do not fit. */
  readonly missing: readonly string[];
  /** Installed ones with the same files, built for other hardware. */
  readonly replaces: readonly string[];
}

/** `data` of an error with which a command was refused; the error's message is a sentence for the user. */
export interface Refusal {
  readonly problems?: readonly Problem[];
  readonly hint?: string;
  readonly code?: string;
}

/** Commands of the server: `workspace/executeCommand` with one object. */
export interface Commands {
  /** Starts a run of the text in the editor, saved or not. */
  'olivepress.run': { argument: RunArgument; result: Started };
  /** Goes on from the last checkpoint with a run that failed, was cancelled or lost. */
  'olivepress.resume': { argument: OfRun; result: Started };
  /** Asks a run to stop at its next step; with `now` at once. */
  'olivepress.cancel': { argument: CancelArgument; result: Cancelled };
  /** Removes the directory of a run that has ended; outputs and the cache stay. */
  'olivepress.delete': { argument: OfRun; result: Removed };
  /** The runs as they are now, oldest first. */
  'olivepress.runs': { argument: RunsArgument; result: readonly Run[] };
  /** Where the results of a run lie. */
  'olivepress.output': { argument: OfRun; result: Output };
  /** Events of a run, a page at a time. */
  'olivepress.events': { argument: EventsArgument; result: EventsPage };
  /** What a run would do, asked of the interpreter that would do it. */
  'olivepress.plan': { argument: PlanArgument; result: Plan };
  /** What code of the workspace or of the model a run would execute. */
  'olivepress.code': { argument: OfConfig; result: CodeOfConfig };
  /** Rewrites a config for another release of Olive. */
  'olivepress.migrate': { argument: MigrateArgument; result: Migration };
  /** Models that a new config could start from. */
  'olivepress.models': { argument: Readonly<Record<string, unknown>>; result: Models };
  /** What a local data file holds, and the text that a row could become. */
  'olivepress.dataset': { argument: DatasetArgument; result: Dataset };
  /** The text of a config from a template. */
  'olivepress.newConfig': { argument: NewConfigArgument; result: NewConfig };
  /** What a report of a defect should say. */
  'olivepress.information': { argument: Readonly<Record<string, unknown>>; result: Information };
}

/** What the server tells by itself. */
export interface Notifications {
  'olivepress/runEvents': RunEvents;
  'olivepress/runState': RunChanged;
  'olivepress/runRemoved': RunRemoved;
  'olivepress/document': DocumentKind;
}
