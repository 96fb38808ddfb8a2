import type { AgentEvent, RunAgentInput } from '@magi/stream-protocol';

/** One request that a page made, and the hand that answers it. */
export interface AgentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  /** Of POST: the run input. */
  readonly input: RunAgentInput;
  readonly isAborted: boolean;
  /** Sends events; with `withIds` on the agent, each with an event ID. */
  emit(...events: AgentEvent[]): void;
  /** Sends RUN_STARTED, one text message and RUN_FINISHED, and ends the response. */
  reply(text: string): void;
  start(): void;
  finish(outcome?: Extract<AgentEvent, { type: 'RUN_FINISHED' }>['outcome']): void;
  /** Ends the response as it is. */
  end(): void;
}

export interface FakeAgent {
  readonly fetch: typeof fetch;
  readonly requests: AgentRequest[];
  /** The POST requests. */
  readonly posts: AgentRequest[];
  /** Resolves with the request of this index when it has been made. */
  request(index: number): Promise<AgentRequest>;
}

/** An agent behind `fetch` that says what a test makes it say. */
export function createFakeAgent({ withIds = false } = {}): FakeAgent {
  const requests: AgentRequest[] = [];
  const waiting = new Map<number, (request: AgentRequest) => void>();
  let eventId = 0;

  async function agentFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const encoder = new TextEncoder();
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    let isAborted = false;
    const body = new ReadableStream<Uint8Array>({
      start(own) {
        controller = own;
      },
      cancel() {
        isAborted = true;
      },
    });
    init.signal?.addEventListener('abort', () => {
      if (!isAborted) controller?.error(init.signal?.reason);
      isAborted = true;
    });
    const run: RunAgentInput = init.body
      ? (JSON.parse(String(init.body)) as RunAgentInput)
      : { threadId: '', runId: '', messages: [], tools: [], context: [] };
    const { threadId, runId } = run;
    const request: AgentRequest = {
      method: init.method ?? 'GET',
      url: String(input),
      headers: new Headers(init.headers),
      input: run,
      get isAborted() {
        return isAborted;
      },
      emit(...events) {
        for (const event of events) {
          const id = withIds ? `id: ${++eventId}\n` : '';
          controller?.enqueue(encoder.encode(`${id}data: ${JSON.stringify(event)}\n\n`));
        }
      },
      reply(text) {
        const messageId = `answer-${runId}`;
        request.start();
        request.emit(
          { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' },
          { type: 'TEXT_MESSAGE_CONTENT', messageId, delta: text },
          { type: 'TEXT_MESSAGE_END', messageId },
        );
        request.finish();
      },
      start: () => request.emit({ type: 'RUN_STARTED', threadId, runId }),
      finish(outcome) {
        request.emit({ type: 'RUN_FINISHED', threadId, runId, ...(outcome ? { outcome } : {}) });
        request.end();
      },
      end: () => controller?.close(),
    };
    const index = requests.push(request) - 1;
    waiting.get(index)?.(request);
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    });
  }

  return {
    fetch: agentFetch,
    requests,
    get posts() {
      return requests.filter(({ method }) => method === 'POST');
    },
    request(index) {
      const made = requests[index];
      if (made) return Promise.resolve(made);
      return new Promise((resolve) => waiting.set(index, resolve));
    },
  };
}
