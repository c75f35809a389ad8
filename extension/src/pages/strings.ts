/** Every word that the pages say. They run apart from the extension and are given these when they are opened. */

import { l10n } from 'vscode';

export type StringKey = keyof ReturnType<typeof pageStrings>;

// eslint-disable-next-line @typescript-eslint/explicit-function-return-type -- the keys are its type
export function pageStrings() {
  return { ...runStrings(), ...chartStrings(), ...passStrings(), ...planStrings(), ...compareStrings(), ...modelStrings() };
}

// eslint-disable-next-line @typescript-eslint/explicit-function-return-type
function runStrings() {
  return {
    loading: l10n.t('Loading the run...'),
    runGone: l10n.t('This run is no longer there: its directory was deleted.'),
    cancel: l10n.t('Cancel'),
    resume: l10n.t('Resume'),
    runAgain: l10n.t('Run Again'),
    tryModel: l10n.t('Try the Model'),
    openFolder: l10n.t('Open Output Folder'),
    progress: l10n.t('Progress'),
    plan: l10n.t('Plan'),
    artifacts: l10n.t('Artifacts'),
    noArtifacts: l10n.t('Nothing yet. What the run makes is put in place when all passes are done.'),
    madeNothing: l10n.t('This run put nothing in place. Passes that were done stay in the cache: a resumed run takes them from there.'),
    stateQueued: l10n.t('Queued'),
    stateRunning: l10n.t('Running'),
    stateSucceeded: l10n.t('Succeeded'),
    stateFailed: l10n.t('Failed'),
    stateCancelled: l10n.t('Cancelled'),
    stateLost: l10n.t('Lost'),
    stateStopping: l10n.t('Stopping...'),
    saysState: l10n.t('Run: {0} {1}'),
    showInConfig: l10n.t('Show in the config'),
    showLog: l10n.t('Show the log'),
    startedAt: l10n.t('Started {0}'),
    attempt: l10n.t('attempt {0}'),
    starting: l10n.t('Starting...'),
    passOf: l10n.t('{0} (pass {1} of {2})'),
    timeLeft: l10n.t('{0} left'),
    loss: l10n.t('Loss'),
    evalLoss: l10n.t('Evaluation loss'),
    learningRate: l10n.t('Learning rate'),
    tokensPerSecond: l10n.t('Tokens per second'),
    memory: l10n.t('Memory'),
    gpuMemory: l10n.t('GPU memory'),
    time: l10n.t('Time'),
    from: l10n.t('from {0} at the first step'),
    peak: l10n.t('{0} at the peak'),
    atPeak: l10n.t('at the peak'),
    log: l10n.t('Log'),
    logEmpty: l10n.t('Nothing has been logged yet.'),
    logFiltered: l10n.t('None of the {0} lines is of this level.'),
    logLevel: l10n.t('Least level of the lines shown'),
    levelDebug: l10n.t('Debug'),
    levelInfo: l10n.t('Info'),
    levelWarning: l10n.t('Warning'),
    levelError: l10n.t('Error'),
    follow: l10n.t('Follow'),
    copyLog: l10n.t('Copy these lines'),
    wholeLog: l10n.t('Whole log'),
    kindModel: l10n.t('Model'),
    kindAdapter: l10n.t('Adapter'),
    kindSummary: l10n.t('Summary'),
    copyPathOf: l10n.t('Copy the path: {0}'),
    openFolderOf: l10n.t('Open the folder: {0}'),
    openFile: l10n.t('Open the file'),
  };
}

// eslint-disable-next-line @typescript-eslint/explicit-function-return-type
function chartStrings() {
  return {
    asTable: l10n.t('Values as a table'),
    everyStep: l10n.t('{0}, one of {1} steps'),
    step: l10n.t('Step {0}'),
    stepHeading: l10n.t('Step'),
    logScale: l10n.t('Log scale'),
    smoothing: l10n.t('Smoothing'),
    smoothingOff: l10n.t('No smoothing'),
    smoothingOf: l10n.t('Smoothing {0}'),
    passShown: l10n.t('Pass whose numbers are shown'),
    noStepsYet: l10n.t('No steps yet: the curve begins with the first one.'),
    nothingMeasured: l10n.t('Nothing measured yet.'),
  };
}

// eslint-disable-next-line @typescript-eslint/explicit-function-return-type
function passStrings() {
  return {
    passWaiting: l10n.t('waiting'),
    passRunning: l10n.t('running'),
    passCached: l10n.t('from the cache'),
    passDone: l10n.t('done'),
    passFailed: l10n.t('failed'),
    passCancelled: l10n.t('cancelled'),
    passSkipped: l10n.t('not reached'),
    phaseImports: l10n.t('loading packages'),
    phaseLoad: l10n.t('loading the model'),
    phaseData: l10n.t('reading the data'),
    phaseQuantise: l10n.t('quantising'),
    phaseTrain: l10n.t('training'),
    phaseMerge: l10n.t('merging'),
    phaseBuild: l10n.t('building'),
    phaseSave: l10n.t('saving'),
    unitSteps: l10n.t('steps'),
    unitLayers: l10n.t('layers'),
    memoryOf: l10n.t('{0} of memory'),
    gpuMemoryOf: l10n.t('{0} of GPU memory'),
  };
}

// eslint-disable-next-line @typescript-eslint/explicit-function-return-type
function planStrings() {
  return {
    run: l10n.t('Run'),
    planAgain: l10n.t('Plan Again'),
    planOf: l10n.t('Plan of {0}'),
    planReady: l10n.t('Ready to run'),
    planRefused: l10n.t('Cannot run'),
    planLoading: l10n.t('Looking at the config, the data, the model and the cache...'),
    planOutdated: l10n.t('The config was changed since. Plan again to see what it would do now.'),
    problems: l10n.t('Problems'),
    line: l10n.t('line {0}'),
    passes: l10n.t('Passes to do'),
    allCached: l10n.t('None'),
    allCachedMeans: l10n.t('everything is cached: a run only puts it in place'),
    ofWhichCached: l10n.t('{0} more come from the cache'),
    steps: l10n.t('Steps'),
    tokensOfData: l10n.t('{0} tokens of data'),
    disk: l10n.t('Disk'),
    about: l10n.t('about {0}'),
    tooLittle: l10n.t('only {0} free'),
    ofFree: l10n.t('of {0} free'),
    fresh: l10n.t('to do'),
    runFrom: l10n.t('Run from here'),
    runUpTo: l10n.t('Run up to here'),
    factSteps: l10n.t('{0} steps'),
    factEpochs: l10n.t('{0} epochs'),
    factSequences: l10n.t('{0} sequences'),
    factTokens: l10n.t('{0} tokens'),
    factTruncated: l10n.t('{0} cut at the maximum length'),
    factDropped: l10n.t('{0} rows dropped'),
    factEvaluated: l10n.t('{0} sequences to evaluate'),
    factTrained: l10n.t('trains {0} parameters'),
    factMemory: l10n.t('about {0} of memory'),
    factDisk: l10n.t('about {0} of disk'),
    defaults: l10n.t('{0} defaults'),
    outputs: l10n.t('Where the results will lie'),
    cache: l10n.t('Cache'),
  };
}

// eslint-disable-next-line @typescript-eslint/explicit-function-return-type
function compareStrings() {
  return {
    compare: l10n.t('Two Runs Compared'),
    curves: l10n.t('Curves'),
    noCurves: l10n.t('Neither run measured this.'),
    curveShown: l10n.t('Curve shown'),
    openRun: l10n.t('Open the run'),
    configChanges: l10n.t('What differs in the configs'),
    configUnreadable: l10n.t('One of the two configs cannot be read.'),
    configSame: l10n.t('The configs are the same.'),
    key: l10n.t('Key'),
    notWritten: l10n.t('not written'),
    firstLoss: l10n.t('First loss'),
    lastLoss: l10n.t('Last loss'),
    peakMemory: l10n.t('Peak memory'),
    peakGpuMemory: l10n.t('Peak GPU memory'),
    numbers: l10n.t('Numbers'),
    measure: l10n.t('Measured'),
    change: l10n.t('Change'),
    passTimes: l10n.t('Times'),
    pass: l10n.t('Pass'),
    artifact: l10n.t('Artifact'),
    noneMade: l10n.t('Neither run put anything in place.'),
  };
}

// eslint-disable-next-line @typescript-eslint/explicit-function-return-type
function modelStrings() {
  return {
    setUpEngine: l10n.t('Set Up Engine'),
    loadAgain: l10n.t('Load Again'),
    conversation: l10n.t('Prompts and answers'),
    askSomething: l10n.t('Ask the model something. It runs on the machine that this window is connected to; nothing leaves it.'),
    prompt: l10n.t('Prompt'),
    promptPlaceholder: l10n.t('What to ask the model'),
    send: l10n.t('Send'),
    stop: l10n.t('Stop'),
    formTemplate: l10n.t('In the template of the data config'),
    formChat: l10n.t("In the model's chat template"),
    formRaw: l10n.t('As it is'),
    templateWrong: l10n.t('The template needs {prompt} where the prompt is to stand.'),
    templateBack: l10n.t('Back to the template of the config'),
    template: l10n.t('Template'),
    templateMeans: l10n.t('The text around {prompt} that the model was trained on.'),
    system: l10n.t('System message'),
    remember: l10n.t('Tell the model what was said before'),
    settings: l10n.t('Settings'),
    form: l10n.t('How the prompt is put'),
    temperature: l10n.t('Temperature'),
    temperatureMeans: l10n.t('0: the likeliest token every time'),
    maxTokens: l10n.t('Most tokens'),
    otherModel: l10n.t('Other Model...'),
    newConversation: l10n.t('New Conversation'),
    enterSends: l10n.t('Enter sends, Shift+Enter begins a line, Escape stops'),
    answered: l10n.t('Answer: {0}'),
    modelStarting: l10n.t('Starting'),
    modelLoading: l10n.t('Loading'),
    modelReady: l10n.t('Ready'),
    modelAnswering: l10n.t('Answering'),
    modelEnded: l10n.t('Ended'),
    loadedIn: l10n.t('loaded in {0}'),
    askAgain: l10n.t('Ask this again'),
    copyAnswer: l10n.t('Copy the answer'),
    tokens: l10n.t('{0} tokens'),
    rate: l10n.t('{0} tokens/s'),
    firstAfter: l10n.t('first token after {0}'),
    cutAtLimit: l10n.t('cut at the limit'),
    wasStopped: l10n.t('stopped'),
    endedAtOnce: l10n.t('the model ended at once'),
  };
}
