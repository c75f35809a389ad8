// guard.mjs MARK: waits until whoever started it is gone, however that happened (its standard input ends), and ends all
// that was started in its name. So a test run that is killed leaves nothing behind.
import { endMarked } from './processes.mjs';

for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => undefined);
process.stdin.resume();
process.stdin.on('end', () => {
  void endMarked(process.argv[2]).then(() => process.exit(0));
});
