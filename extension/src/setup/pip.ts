/** pip: how it is called, what its lines tell of its progress, and what to try when it fails. No `vscode` in here. */

/** Arguments after `python -m pip`. `given`: the user's, such as an index of a mirror. */
export function installation(
  requirements: readonly string[],
  given: readonly string[],
  constraints: string | undefined,
): string[] {
  const steady = ['install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  return [...steady, ...given, ...(constraints ? ['-c', constraints] : []), ...requirements];
}

export interface Progress {
  readonly doing: 'collecting' | 'downloading' | 'installing';
  readonly what: string;
}

/** What is going on, in a few words; undefined for a line that says nothing new. */
export function progress(line: string): Progress | undefined {
  const collecting = /^Collecting ([^\s<>=!~;[(]+)/.exec(line);
  if (collecting?.[1]) {
    return { doing: 'collecting', what: collecting[1] };
  }
  const downloading = /^\s*Downloading (?:\S*\/)?([A-Za-z0-9_.]+)-\S+ \(([^)]+)\)/.exec(line);
  if (downloading?.[1] && downloading[2]) {
    return { doing: 'downloading', what: `${downloading[1]}, ${downloading[2]}` };
  }
  const installing = /^Installing collected packages: (.+)/.exec(line);
  return installing?.[1] ? { doing: 'installing', what: String(installing[1].split(',').length) } : undefined;
}

export type Trouble =
  | 'no-room'
  | 'no-network'
  | 'no-package'
  | 'managed'
  | 'not-allowed'
  | 'no-venv'
  | 'conflict'
  | 'unknown';

const SIGNS: readonly (readonly [RegExp, Trouble])[] = [
  [/No space left on device|not enough space/i, 'no-room'],
  [/externally-managed-environment/, 'managed'],
  [/ensurepip is not available|No module named (?:ensurepip|venv|pip)/, 'no-venv'],
  [/Name or service not known|Temporary failure in name resolution|getaddrinfo/i, 'no-network'],
  [/NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|ConnectionError|SSLError/, 'no-network'],
  [/ResolutionImpossible|conflicting dependencies/, 'conflict'],
  [/No matching distribution found|Could not find a version/, 'no-package'],
  [/Permission denied|Access is denied|Read-only file system/i, 'not-allowed'],
];

export function troubleOf(lines: readonly string[]): Trouble {
  const text = lines.join('\n');
  return SIGNS.find(([sign]) => sign.test(text))?.[1] ?? 'unknown';
}

/** Lines without what an address in them may hold of a name and a password. */
export function withoutSecrets(line: string): string {
  return line.replace(/(\w+:\/\/)[^\s/@]+@/g, '$1***@');
}
