// Every consumer of an event stream, through its public API. Each reads one Response (or, for the parsers that take pieces,
// its chunks) and touches the length and the last character of every payload, so that no lazy string gets away.
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

let sink = 0;
let count = 0;

function touch(text) {
  count++;
  // Kept a small integer: a larger one would be allocated anew for each event.
  sink = (sink + text.length + text.charCodeAt(text.length - 1)) | 0;
}

/** Checked events: the delta is what a page would render. */
function touchDelta(event) {
  if (event.delta !== undefined) touch(event.delta);
}

async function readChunks(response, push) {
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    push(value);
  }
}

async function each(iterable, use) {
  for await (const item of iterable) use(item);
}

const ours = () => import(pathToFileURL(process.env.MAGI_BUNDLE).href);

/** `kind`: what is compared with what. `chunks`: pieces go in by a call; `response`: read from a Response; `typed`: checked events. */
export const consumers = {
  'magi push': {
    kind: 'chunks',
    ours: true,
    async load() {
      const { createSseDecoder } = await ours();
      return (chunks) => {
        const decoder = createSseDecoder({ onEvent: (e) => touch(e.data), maxEventBytes: 1e9 });
        for (const chunk of chunks) decoder.push(chunk);
        decoder.end();
      };
    },
  },
  'magi reader loop': {
    kind: 'response',
    ours: true,
    async load() {
      const { createSseDecoder } = await ours();
      return (response) => {
        const decoder = createSseDecoder({ onEvent: (e) => touch(e.data), maxEventBytes: 1e9 });
        return readChunks(response, (chunk) => decoder.push(chunk));
      };
    },
  },
  'magi SseDecoderStream': {
    kind: 'response',
    load: async () => {
      const { SseDecoderStream } = await ours();
      return (response) =>
        each(response.body.pipeThrough(new SseDecoderStream({ maxEventBytes: 1e9 })), (e) =>
          touch(e.data),
        );
    },
  },
  'eventsource-parser 3.1': { kind: 'chunks', load: () => parserPush('eventsource-parser') },
  'eventsource-parser 4.1': { kind: 'chunks', load: () => parserPush('eventsource-parser-4') },
  'eventsource-parser 3.1 loop': { kind: 'response', load: () => parserLoop('eventsource-parser') },
  'eventsource-parser 4.1 loop': {
    kind: 'response',
    load: () => parserLoop('eventsource-parser-4'),
  },
  'eventsource-parser 3.1 stream': {
    kind: 'response',
    async load() {
      const { EventSourceParserStream } = await import('eventsource-parser/stream');
      return (response) => {
        const text = response.body.pipeThrough(new TextDecoderStream());
        return each(text.pipeThrough(new EventSourceParserStream()), (e) => touch(e.data));
      };
    },
  },
  'eventsource-client': {
    kind: 'response',
    async load() {
      const { createEventSource } = await import('eventsource-client');
      return (response) =>
        new Promise((resolve) => {
          const source = createEventSource({
            url: 'http://localhost/',
            fetch: async () => response,
            onMessage: (e) => touch(e.data),
            onDisconnect: () => {
              source.close();
              resolve();
            },
          });
        });
    },
  },
  eventsource: {
    kind: 'response',
    async load() {
      const { EventSource } = await import('eventsource');
      return (response) =>
        new Promise((resolve) => {
          const source = new EventSource('http://localhost/', { fetch: async () => response });
          source.onmessage = (e) => touch(e.data);
          source.onerror = () => {
            source.close();
            resolve();
          };
        });
    },
  },
  'fetch-event-source': {
    kind: 'response',
    async load() {
      globalThis.window ??= globalThis;
      globalThis.document ??= { hidden: false, addEventListener() {}, removeEventListener() {} };
      const { fetchEventSource } = await import('@microsoft/fetch-event-source');
      return (response) =>
        fetchEventSource('http://localhost/', {
          fetch: async () => response,
          openWhenHidden: true,
          onmessage: (e) => touch(e.data),
          onerror(error) {
            throw error;
          },
        });
    },
  },
  'fetch-event-stream': {
    kind: 'response',
    async load() {
      const { events } = await import('fetch-event-stream');
      return (response) => each(events(response), (e) => touch(e.data));
    },
  },
  'parse-sse': {
    kind: 'response',
    async load() {
      const { parseServerSentEvents } = await import('parse-sse');
      return (response) => each(parseServerSentEvents(response), (e) => touch(e.data));
    },
  },
  'openai messages': {
    kind: 'response',
    async load() {
      const { _iterSSEMessages } = await import('openai/core/streaming');
      return (response) =>
        each(_iterSSEMessages(response, new AbortController()), (e) => touch(e.data));
    },
  },
  'anthropic rawEvents': {
    kind: 'response',
    async load() {
      const { Stream } = await import('@anthropic-ai/sdk/core/streaming');
      const iterate =
        Stream.rawEvents ?? (await import('@anthropic-ai/sdk/core/streaming'))._iterSSEMessages;
      return (response) => each(iterate(response, new AbortController()), (e) => touch(e.data));
    },
  },
  undici: {
    kind: 'response',
    async load() {
      const { EventSourceStream } = createRequire(import.meta.url)(
        'undici/lib/web/eventsource/eventsource-stream.js',
      );
      return (response) => {
        const parser = new EventSourceStream({ maxEventSize: 0, eventSourceSettings: {} });
        return each(Readable.fromWeb(response.body).pipe(parser), (e) => touch(e.options.data));
      };
    },
  },
  'magi typed': {
    kind: 'typed',
    protocol: 'agui',
    ours: true,
    async load() {
      const { createSseDecoder, parseAgentEvent } = await ours();
      return (response) => {
        const onEvent = ({ data }) => touchDelta(parseAgentEvent(data));
        const decoder = createSseDecoder({ onEvent });
        return readChunks(response, (chunk) => decoder.push(chunk));
      };
    },
  },
  'magi typed, order checked': {
    kind: 'typed',
    protocol: 'agui',
    async load() {
      const { createRunLifecycle, createSseDecoder, parseAgentEvent } = await ours();
      return (response) => {
        const lifecycle = createRunLifecycle();
        const onEvent = ({ data }) => {
          const event = parseAgentEvent(data);
          lifecycle.accept(event);
          touchDelta(event);
        };
        const decoder = createSseDecoder({ onEvent });
        return readChunks(response, (chunk) => decoder.push(chunk));
      };
    },
  },
  'parser 3.1 + JSON.parse, unchecked': {
    kind: 'floor',
    protocol: 'agui',
    async load() {
      const { createParser } = await import('eventsource-parser');
      return (response) => {
        const parser = createParser({ onEvent: (e) => touchDelta(JSON.parse(e.data)) });
        const decoder = new TextDecoder();
        return readChunks(response, (chunk) =>
          parser.feed(decoder.decode(chunk, { stream: true })),
        );
      };
    },
  },
  'AG-UI client': {
    kind: 'typed',
    protocol: 'agui',
    async load() {
      const client = await import('@ag-ui/client');
      return (response) =>
        new Promise((resolve, reject) => {
          const http = client.runHttpRequest(async () => response);
          client
            .transformHttpEventStream(http)
            .pipe(client.enforceEvents(), client.transformChunks())
            .subscribe({ next: touchDelta, error: reject, complete: resolve });
        });
    },
  },
  'AI SDK 7': { kind: 'typed', protocol: 'ai-sdk', load: () => aiSdk('ai') },
  'AI SDK 6': { kind: 'typed', protocol: 'ai-sdk', load: () => aiSdk('ai-6') },
  'openai Stream': {
    kind: 'typed, unchecked',
    protocol: 'agui',
    async load() {
      const { Stream } = await import('openai/core/streaming');
      return (response) =>
        each(Stream.fromSSEResponse(response, new AbortController()), touchDelta);
    },
  },
  memcpy: {
    kind: 'floor',
    load: async () => {
      const target = new Uint8Array(65_536);
      return (chunks) => {
        for (const chunk of chunks) target.set(chunk);
        sink += target[0];
      };
    },
    chunks: true,
  },
  'TextDecoder, streaming': {
    kind: 'floor',
    load: async () => (chunks) => {
      const decoder = new TextDecoder();
      for (const chunk of chunks) sink += decoder.decode(chunk, { stream: true }).length;
    },
    chunks: true,
  },
  'reader loop only': {
    kind: 'floor',
    load: async () => (response) =>
      readChunks(response, (chunk) => {
        sink += chunk.length;
      }),
  },
  'JSON.parse only': {
    kind: 'floor',
    protocol: 'agui',
    async load() {
      let texts;
      let source;
      return (chunks) => {
        if (source !== chunks) {
          source = chunks;
          texts = Buffer.concat(chunks)
            .toString()
            .split('\n\n')
            .filter(Boolean)
            .map((e) => e.slice(6));
        }
        for (const text of texts) touchDelta(JSON.parse(text));
      };
    },
    chunks: true,
  },
};

async function parserPush(name) {
  const { createParser } = await import(name);
  return (chunks) => {
    const parser = createParser({ onEvent: (e) => touch(e.data) });
    const decoder = new TextDecoder();
    for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  };
}

async function parserLoop(name) {
  const { createParser } = await import(name);
  return (response) => {
    const parser = createParser({ onEvent: (e) => touch(e.data) });
    const decoder = new TextDecoder();
    return readChunks(response, (chunk) => parser.feed(decoder.decode(chunk, { stream: true })));
  };
}

async function aiSdk(name) {
  const { parseJsonEventStream, uiMessageChunkSchema } = await import(name);
  return (response) =>
    each(
      parseJsonEventStream({ stream: response.body, schema: uiMessageChunkSchema }),
      (result) => {
        if (!result.success) throw result.error;
        touchDelta(result.value);
      },
    );
}

/** Events touched since the last call. */
export function takeCount() {
  const taken = count;
  count = 0;
  return taken;
}

/** Keeps the work alive. */
export function checksum() {
  return sink;
}
