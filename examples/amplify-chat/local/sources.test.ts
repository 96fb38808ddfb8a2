import { fileURLToPath } from 'node:url';
import { startFunctionUrl } from '@magi/lambda-stream/local';
import type { Bedrock } from '@magi/lambda-stream/testing';
import { createAgentClient } from '@magi/stream-client';
import type { AgentEvent, Message } from '@magi/stream-protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { agentSources } from '../amplify/functions/agent-stream/environment';
import { localDeployment } from './local-deployment';
import { indexRepository } from './repository-index';
import { startStandIn } from './start-stand-in';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const question = 'How does a run end, and what happens when the stream is cut?';
const operations = {
  'bedrock-agent': 'InvokeAgent',
  converse: 'ConverseStream',
  agentcore: 'InvokeAgentRuntime',
} as const;

let bedrock: Bedrock;
beforeAll(async () => {
  bedrock = await startStandIn({
    index: indexRepository(repository),
    pageOrigin: 'http://localhost:3000',
    cadence: { intervalMs: 0, pieceBytes: 9 },
  });
});
afterAll(() => bedrock.close());

const ofType = <T extends AgentEvent['type']>(events: readonly AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

/** The answer of the run itself, or of one of its subagents. */
const answerOf = (events: readonly AgentEvent[], subagentRunId?: string) =>
  ofType(events, 'TEXT_MESSAGE_CONTENT')
    .filter((event) => event.subagentRunId === subagentRunId)
    .map(({ delta }) => delta)
    .join('');

const citationsOf = (events: readonly AgentEvent[]) =>
  ofType(events, 'CUSTOM')
    .filter(({ name }) => name === 'magi.citation')
    .map(
      ({ value }) => value as { span: { start: number; end: number }; quote: string; uri: string },
    );

/** What the first source answered, for the others to match. */
const answers = new Map<string, string>();

describe.each(agentSources)('with AGENT_SOURCE=%s', (source) => {
  let url: Awaited<ReturnType<typeof startFunctionUrl>>;

  beforeEach(async () => {
    const variables = {
      ...localDeployment(source),
      CHAT_AUTH: 'none',
      AWS_ENDPOINT_URL: bedrock.url,
      AWS_REGION: bedrock.clientConfig.region,
      AWS_ACCESS_KEY_ID: bedrock.clientConfig.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: bedrock.clientConfig.credentials.secretAccessKey,
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    vi.resetModules();
    const { handler } = await import('../amplify/functions/agent-stream/handler');
    url = await startFunctionUrl(handler);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await url.close();
  });

  async function run(
    text: string,
    options: { mode?: string; threadId?: string; before?: Message[] } = {},
  ) {
    const { mode, threadId = crypto.randomUUID(), before = [] } = options;
    const events: AgentEvent[] = [];
    let failure: unknown;
    try {
      const input = {
        threadId,
        messages: [...before, { id: 'asked', role: 'user' as const, content: text }],
        ...(mode && { forwardedProps: { mode } }),
      };
      for await (const event of createAgentClient({ url: url.url }).run(input)) events.push(event);
    } catch (error) {
      failure = error;
    }
    return { events, failure };
  }

  it('answers a question with the same words, the same quotes, and a tool call', async () => {
    const { events } = await run(question);
    expect(events.at(-1)?.type).toBe('RUN_FINISHED');
    const answer = answerOf(events);
    expect(answer).toBe(answers.get('ask') ?? answer);
    answers.set('ask', answer);
    const citations = citationsOf(events);
    expect(citations.length).toBeGreaterThan(1);
    for (const { span, quote, uri } of citations) {
      const cited = answer.slice(span.start, span.end).replace(/^> ?/gm, '');
      expect(cited.trim()).toBe(quote.replace(/[ \t]+$/gm, '').trim());
      expect(uri).toMatch(/^http:\/\/localhost:3000\/read\//);
    }
    expect(ofType(events, 'TOOL_CALL_START').map(({ toolCallName }) => toolCallName)).toEqual([
      'knowledge-base',
    ]);
    expect(ofType(events, 'TOOL_CALL_RESULT')).toHaveLength(1);
    expect(ofType(events, 'REASONING_MESSAGE_START')).toHaveLength(1);
    expect(ofType(events, 'RAW')).toEqual([]);
    expect(bedrock.requests.at(-1)?.operation).toBe(operations[source]);
  });

  it('answers the last question of a longer conversation', async () => {
    const before: Message[] = [
      { id: 'm1', role: 'user', content: 'What is pacing?' },
      { id: 'm2', role: 'assistant', content: 'Joining text deltas.' },
    ];
    const { events } = await run(question, { before });
    expect(answerOf(events)).toBe(answers.get('ask'));
    const sent = bedrock.requests.at(-1)?.body?.messages;
    // Agents of Amazon Bedrock keep the conversation themselves.
    expect(sent).toEqual(
      source === 'bedrock-agent' ? undefined : expect.objectContaining({ length: 3 }),
    );
  });

  it('lets the council speak: three sages as subagents, then the judge', async () => {
    const { events } = await run(question, { mode: 'council' });
    expect(events.at(-1)?.type).toBe('RUN_FINISHED');
    const sages = ofType(events, 'SUBAGENT_STARTED');
    expect(sages.map(({ name }) => name).sort()).toEqual(['balthasar', 'caspar', 'melchior']);
    for (const { name, subagentRunId } of sages) {
      const opinion = answerOf(events, subagentRunId);
      expect(opinion).toContain('\n\n> ');
      expect(opinion).toBe(answers.get(name) ?? opinion);
      answers.set(name, opinion);
    }
    const judgement = answerOf(events);
    expect(judgement).toContain('No language model weighed anything');
    expect(judgement).toBe(answers.get('judge') ?? judgement);
    answers.set('judge', judgement);
  });

  it('goes on without a sage that fails', async () => {
    const { events } = await run(`/fail caspar ${question}`, { mode: 'council' });
    expect(events.at(-1)?.type).toBe('RUN_FINISHED');
    expect(answerOf(events)).toContain('CASPAR could not be heard');
  });

  it('fails once on /fail, and answers when it is asked again', async () => {
    const threadId = crypto.randomUUID();
    const first = await run(`/fail ${question}`, { threadId });
    expect(first.events.at(-1)).toMatchObject({
      type: 'RUN_ERROR',
      code: 'THROTTLED',
      metadata: { retryable: true },
    });
    expect(answerOf(first.events)).not.toBe('');
    const second = await run(`/fail ${question}`, { threadId });
    expect(second.events.at(-1)?.type).toBe('RUN_FINISHED');
  });

  it('says that the answer was cut in the middle on /truncate', async () => {
    const { events } = await run(`/truncate ${question}`);
    expect(events.at(-1)).toMatchObject({ type: 'RUN_ERROR', code: 'UPSTREAM_TRUNCATED' });
    expect(answerOf(events)).not.toBe('');
  });
});

describe('what each service is sent', () => {
  const sent = (operation: string) =>
    bedrock.requests.filter((each) => each.operation === operation);

  it('gives each AgentCore role a session of its own, and no thread id of the browser', () => {
    const requests = sent('InvokeAgentRuntime');
    for (const { headers, body } of requests) {
      const session = headers['x-amzn-bedrock-agentcore-runtime-session-id'];
      expect(session).toMatch(/^[0-9a-f]{64}$/);
      expect(body?.threadId).toBe(session);
    }
    const judged = requests.find(({ resourceId }) => resourceId.endsWith('/solomon'));
    const sitting = requests.filter(({ body }) => body?.runId === judged?.body?.runId);
    expect(sitting).toHaveLength(4);
    expect(new Set(sitting.map(({ body }) => body?.threadId)).size).toBe(4);
  });

  it('tells a model what it is, sage by sage', () => {
    const prompts = sent('ConverseStream').map(({ resourceId, body }) => [
      resourceId,
      JSON.stringify(body?.system),
    ]);
    expect(prompts).toContainEqual(['caspar', expect.stringContaining('You are Caspar')]);
    expect(prompts).toContainEqual(['solomon', expect.stringContaining('the judge')]);
    expect(prompts).toContainEqual(['local-agent', expect.stringContaining('answer questions')]);
  });
});
