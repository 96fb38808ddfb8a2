import { readdirSync, readFileSync } from 'node:fs';
import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import type { AgentEvent } from '@magi/stream-protocol';
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';
import { invokeAgentRuntime, invokeHarness } from '../agentcore';
import {
  agenticRetrieve,
  invokeAgent,
  invokeFlow,
  invokeInlineAgent,
  retrieveAndGenerate,
} from '../bedrock-agent';
import { converse } from '../converse';
import type { Bedrock, BedrockFrame, RuntimePiece, StartBedrockOptions } from '../testing';
import type { SourceOptions } from './source-options';

/** One member of a stream and what it must become. `frames` are as on the wire: blobs are base64. */
export interface Fixture {
  readonly source: SourceName;
  readonly name: string;
  /** The member as the service's reference names it. */
  readonly member: string;
  readonly note?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly contentType?: string;
  readonly frames: readonly BedrockFrame[];
  readonly events: readonly AgentEvent[];
  readonly error?: { readonly code: string; readonly retryable: boolean };
}

const FIXTURES = new URL('../../fixtures/', import.meta.url);

export function readFixtures(): Fixture[] {
  return SOURCE_NAMES.flatMap((source) =>
    readdirSync(new URL(`${source}/`, FIXTURES))
      .sort()
      .map((file) => ({
        ...(JSON.parse(readFileSync(new URL(`${source}/${file}`, FIXTURES), 'utf8')) as Fixture),
        source,
        name: file.replace(/\.json$/, ''),
      })),
  );
}

export type Transport = '1.1' | '2.0';

type Clients = (
  server: Bedrock,
  transport: Transport,
) => {
  readonly agent: BedrockAgentRuntimeClient;
  readonly core: BedrockAgentCoreClient;
  readonly model: BedrockRuntimeClient;
};

/** The three SDK clients, over one transport; a request is sent once. */
export const createClients: Clients = (server, transport) => {
  const requestHandler =
    transport === '1.1'
      ? new NodeHttpHandler()
      : new NodeHttp2Handler({ disableConcurrentStreams: true });
  const config = { ...server.clientConfig, requestHandler, maxAttempts: 1 };
  return {
    agent: new BedrockAgentRuntimeClient(config),
    core: new BedrockAgentCoreClient(config),
    model: new BedrockRuntimeClient(config),
  };
};

const runtimeSessionId = 'session-0123456789-0123456789-0123';

/** How each source is scripted and called. */
export const SOURCES = {
  'invoke-agent': {
    serve: (frames) => ({ agents: { '*': frames } }),
    call: (clients, options) =>
      invokeAgent(
        clients.agent,
        { agentId: 'A1', agentAliasId: 'L1', sessionId: 's1', inputText: 'Hi' },
        options,
      ),
  },
  'invoke-inline-agent': {
    serve: (frames) => ({ inlineAgent: frames }),
    call: (clients, options) =>
      invokeInlineAgent(
        clients.agent,
        { sessionId: 's1', foundationModel: 'M1', instruction: 'Help.', inputText: 'Hi' },
        options,
      ),
  },
  'invoke-flow': {
    serve: (frames) => ({ flows: { '*': frames } }),
    call: (clients, options) =>
      invokeFlow(
        clients.agent,
        { flowIdentifier: 'F1', flowAliasIdentifier: 'L1', inputs: [], executionId: 'e1' },
        options,
      ),
  },
  'retrieve-and-generate': {
    serve: (frames) => ({ knowledgeBases: { '*': frames } }),
    call: (clients, options) =>
      retrieveAndGenerate(clients.agent, { input: { text: 'Hi' }, sessionId: 's1' }, options),
  },
  'agentic-retrieve': {
    serve: (frames) => ({ knowledgeBases: { '*': frames } }),
    call: (clients, options) =>
      agenticRetrieve(
        clients.agent,
        {
          messages: [{ role: 'user', content: { text: 'Hi' } }],
          retrievers: [],
          agenticRetrieveConfiguration: {},
        },
        { threadId: 't1', ...options },
      ),
  },
  converse: {
    serve: (frames) => ({ models: { '*': frames } }),
    call: (clients, options) =>
      converse(clients.model, { modelId: 'M1' }, { threadId: 't1', ...options }),
  },
  'invoke-harness': {
    serve: (frames) => ({ harnesses: { '*': frames } }),
    call: (clients, options) =>
      invokeHarness(clients.core, { harnessArn: 'H1', runtimeSessionId, messages: [] }, options),
  },
  'invoke-agent-runtime': {
    serve: (frames, contentType = 'text/event-stream') => ({
      runtimes: { '*': { contentType, pieces: frames as readonly RuntimePiece[] } },
    }),
    call: (clients, options) =>
      invokeAgentRuntime(
        clients.core,
        { agentRuntimeArn: 'R1', runtimeSessionId, payload: { prompt: 'Hi' } },
        options,
      ),
  },
} as const satisfies Readonly<
  Record<
    string,
    {
      serve(frames: readonly BedrockFrame[], contentType?: string): StartBedrockOptions;
      call(
        clients: ReturnType<Clients>,
        options: SourceOptions & Readonly<Record<string, unknown>>,
      ): AsyncIterableIterator<AgentEvent>;
    }
  >
>;

export type SourceName = keyof typeof SOURCES;
export const SOURCE_NAMES = Object.keys(SOURCES) as readonly SourceName[];

/** Replaces each generated id by a name that is the same in every run. */
export function withStableIds<T>(value: T): T {
  const names = new Map<string, string>();
  const json = JSON.stringify(value).replaceAll(
    /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g,
    (id) => {
      const name = names.get(id) ?? `id-${names.size + 1}`;
      names.set(id, name);
      return name;
    },
  );
  return JSON.parse(json) as T;
}
