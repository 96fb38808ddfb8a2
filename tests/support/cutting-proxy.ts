import { connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly url: string;
  /** Cuts the next connection once this many bytes of the response have passed. */
  cutNextAfter(bytes: number, how: 'close' | 'reset'): void;
  close(): Promise<void>;
}

/** A TCP proxy in front of `target` that breaks connections off where it is told to. */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const orders: { bytes: number; how: 'close' | 'reset' }[] = [];

  const server = createServer((near) => {
    const order = orders.shift();
    const far = connect(Number(port), hostname);
    let left = order?.bytes ?? Number.POSITIVE_INFINITY;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroySoon());
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      near.write(bytes.subarray(0, Math.min(left, bytes.length)));
      left -= bytes.length;
      if (left > 0) return;
      if (order?.how === 'reset') near.resetAndDestroy();
      else near.destroySoon();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The proxy has no port');

  return {
    url: `http://127.0.0.1:${bound.port}/`,
    cutNextAfter: (bytes, how) => orders.push({ bytes, how }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
