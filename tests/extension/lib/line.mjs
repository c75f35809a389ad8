// The line between browser and host, which can be cut: a forwarder of TCP connections.
import { connect, createServer } from 'node:net';

/** Forwards a new local port to `port`. cut(): all connections are gone and none comes through until mend(). */
export async function lineTo(port) {
  const open = new Set();
  let whole = true;
  const forwarder = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise((done) => forwarder.listen(0, '127.0.0.1', done));
  const cut = () => {
    whole = false;
    for (const socket of open) socket.destroy();
  };
  return {
    port: forwarder.address().port,
    cut,
    mend: () => {
      whole = true;
    },
    close: () => {
      cut();
      forwarder.close();
    },
  };
}
