/** Codes of problems that setting up the engine mends: something is not installed, or not in a version that fits. */

const CODES: ReadonlySet<string> = new Set([
  'package-missing', 'genai-missing', 'genai-too-old', 'data-package', 'provider-missing', 'model-does-not-load',
  'worker-not-started',
]);

export function engineWouldHelp(code: string | undefined): boolean {
  return code !== undefined && CODES.has(code);
}
