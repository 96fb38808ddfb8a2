/** What a script may use: what the runtime's stream and its double have in common. */
export interface ScriptedStream {
  write(chunk: unknown): boolean;
  end(chunk?: unknown): unknown;
  setContentType(type: string): void;
  on(event: string, listener: (...args: never[]) => void): unknown;
  [name: string]: unknown;
}

/** Notes something to compare: nothing that depends on time, addresses or the Node version. */
export type Note = (name: string, value: unknown) => void;
export type StreamScript = (stream: ScriptedStream, note: Note) => Promise<void>;

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
const thrownBy = (action: () => unknown): string => {
  try {
    action();
    return 'nothing';
  } catch (error) {
    return error instanceof TypeError ? 'TypeError' : 'an error';
  }
};
const finished = (stream: ScriptedStream) =>
  new Promise<void>((resolve) => stream.on('finish', () => resolve()));

const properties = [
  'writable',
  'writableEnded',
  'writableFinished',
  'writableNeedDrain',
  'writableCorked',
  'writableObjectMode',
  'destroyed',
] as const;
const snapshot = (stream: ScriptedStream) =>
  Object.fromEntries(properties.map((name) => [name, stream[name]]));

/** Each script runs against the runtime's stream and against the double; their notes and their bytes must be equal. */
export const streamScripts: Readonly<Record<string, StreamScript>> = {
  'its properties, before and after the end': async (stream, note) => {
    note('at first', snapshot(stream));
    note('first write', stream.write('a'));
    await turn();
    note('after a write', snapshot(stream));
    const done = finished(stream);
    stream.end();
    note('after end', { ended: stream.writableEnded, writable: stream.writable });
    await done;
    note('after finish', { ended: stream.writableEnded, finished: stream.writableFinished });
  },
  'what it lacks of a Writable': async (stream, note) => {
    for (const name of ['flushHeaders', 'closed', 'errored', 'pipe', '_write']) {
      note(name, typeof stream[name]);
    }
    for (const name of ['on', 'once', 'off', 'emit', 'cork', 'uncork', 'destroy']) {
      note(name, typeof stream[name]);
    }
    stream.end('x');
  },
  'what it writes for other types': async (stream, note) => {
    stream.write('text ');
    stream.write(new TextEncoder().encode('bytes '));
    stream.write(Buffer.from('buffer '));
    stream.write({ an: 'object' });
    stream.write(7);
    note(
      'null',
      thrownBy(() => stream.write(null)),
    );
    note(
      'undefined',
      thrownBy(() => stream.write(undefined)),
    );
    stream.end();
  },
  'the prelude, in one write': async (stream) => {
    stream.setContentType('application/vnd.awslambda.http-integration-response');
    stream.write(`${JSON.stringify({ statusCode: 418, headers: { a: 'b' } })}${'\0'.repeat(8)}tea`);
    stream.end();
  },
  'the prelude of an empty body': async (stream) => {
    stream.setContentType('application/vnd.awslambda.http-integration-response');
    stream.write(`${JSON.stringify({ statusCode: 204, headers: {} })}${'\0'.repeat(8)}`);
    stream.write('');
    stream.end();
  },
  'a content type that comes too late': async (stream, note) => {
    stream.write('a');
    note(
      'thrown',
      thrownBy(() => stream.setContentType('text/plain')),
    );
    stream.end('b');
  },
  'a content type that is set twice': async (stream, note) => {
    stream.setContentType('text/plain');
    note(
      'thrown',
      thrownBy(() => stream.setContentType('text/html')),
    );
    stream.end('b');
  },
  'empty writes': async (stream) => {
    stream.write('');
    stream.write(new Uint8Array(0));
    stream.write('a');
    stream.write('');
    stream.end('');
  },
  'a second end': async (stream, note) => {
    stream.end('a');
    note(
      'thrown',
      thrownBy(() => stream.end()),
    );
    await turn();
  },
  'backpressure in one tick, and its drain': async (stream, note) => {
    stream.write('warm'); // the connection and its high-water mark exist from here on
    await turn();
    let drains = 0;
    stream.on('drain', () => {
      drains += 1;
    });
    const mark = Number(stream.writableHighWaterMark);
    note('below the mark', stream.write('x'.repeat(1000)));
    note('above the mark', stream.write('x'.repeat(mark)));
    note('needs drain', stream.writableNeedDrain);
    for (let waited = 0; drains === 0 && waited < 400; waited += 1) await turn();
    note('drains', drains);
    note('needs drain after it', stream.writableNeedDrain);
    note('free again', stream.write('y'));
    stream.end();
  },
  'the order of its events': async (stream, note) => {
    const order: string[] = [];
    for (const name of ['drain', 'finish', 'close', 'error']) {
      stream.on(name, () => order.push(name));
    }
    stream.write('a');
    await turn();
    const done = finished(stream);
    stream.end('b');
    await done;
    note('until finish', order.join(' '));
  },
};
