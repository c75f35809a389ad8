/** What is made of pip's lines, and what is said when it fails. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installation, progress, troubleOf, withoutSecrets } from '../src/setup/pip.ts';

test('the user\'s arguments and the known versions stand before the requirements', () => {
  assert.deepEqual(installation(['torch>=2.6'], ['--pre'], '/c.txt').slice(-4), ['--pre', '-c', '/c.txt', 'torch>=2.6']);
  assert.ok(!installation(['torch>=2.6'], [], undefined).includes('-c'));
});

for (const [line, shown] of [
  ['Collecting torch>=2.6 (from -r x)', { doing: 'collecting', what: 'torch' }],
  ['  Downloading torch-2.13.0-cp311-cp311-linux_x86_64.whl (190.4 MB)', { doing: 'downloading', what: 'torch, 190.4 MB' }],
  ['Installing collected packages: a, b, c', { doing: 'installing', what: '3' }],
  ['Requirement already satisfied: packaging in ./x', undefined],
] as const) {
  test(`progress: ${line}`, () => {
    assert.deepEqual(progress(line), shown);
  });
}

for (const [line, trouble] of [
  ['OSError: [Errno 28] No space left on device', 'no-room'],
  ['error: externally-managed-environment', 'managed'],
  ['ERROR: No matching distribution found for torch>=2.6', 'no-package'],
  ['because of (Caused by NewConnectionError("...: Failed to establish a new connection"))', 'no-network'],
  ['The virtual environment was not created successfully because ensurepip is not available.', 'no-venv'],
  ['ERROR: ResolutionImpossible: for help visit', 'conflict'],
  ['PermissionError: [Errno 13] Permission denied: \'/usr/lib\'', 'not-allowed'],
  ['something else', 'unknown'],
] as const) {
  test(`trouble: ${line}`, () => {
    assert.equal(troubleOf(['Collecting torch', line]), trouble);
  });
}

test('names and passwords in addresses are not shown', () => {
  assert.equal(withoutSecrets('Looking in: https://me:secret@host/simple'), 'Looking in: https://***@host/simple');
});
