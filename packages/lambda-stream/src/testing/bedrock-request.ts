import type { Exchange } from './exchange';

/** The operations that the stand-in answers. */
export type BedrockOperation =
  | 'InvokeAgent'
  | 'InvokeInlineAgent'
  | 'InvokeFlow'
  | 'RetrieveAndGenerateStream'
  | 'AgenticRetrieveStream'
  | 'ConverseStream'
  | 'InvokeAgentRuntime'
  | 'InvokeHarness'
  | 'StopRuntimeSession'
  | 'EndSession';

/** One request as the stand-in received it. */
export interface BedrockRequest {
  readonly operation: BedrockOperation;
  /** What the request addresses: the agent, flow, knowledge base, model, runtime or harness. */
  readonly resourceId: string;
  /** Labels of the path, for example `agentAliasId`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON body; `undefined` when there is none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly method: string;
  readonly path: string;
  readonly httpVersion: '1.1' | '2.0';
  /** 1 for the first request of this operation on this resource, 2 for the next, … */
  readonly attempt: number;
}

interface Route {
  readonly operation: BedrockOperation;
  readonly method: string;
  readonly pattern: RegExp;
  readonly resource: (found: Pick<BedrockRequest, 'params' | 'query' | 'body'>) => string;
}

const byLabel =
  (label: string): Route['resource'] =>
  ({ params }) =>
    params[label] ?? '';

const ROUTES: readonly Route[] = [
  {
    operation: 'InvokeAgent',
    method: 'POST',
    pattern:
      /^\/agents\/(?<agentId>[^/]+)\/agentAliases\/(?<agentAliasId>[^/]+)\/sessions\/(?<sessionId>[^/]+)\/text$/,
    resource: byLabel('agentId'),
  },
  {
    operation: 'InvokeInlineAgent',
    method: 'POST',
    pattern: /^\/agents\/(?<sessionId>[^/]+)$/,
    resource: () => 'inline',
  },
  {
    operation: 'InvokeFlow',
    method: 'POST',
    pattern: /^\/flows\/(?<flowIdentifier>[^/]+)\/aliases\/(?<flowAliasIdentifier>[^/]+)$/,
    resource: byLabel('flowIdentifier'),
  },
  {
    operation: 'RetrieveAndGenerateStream',
    method: 'POST',
    pattern: /^\/retrieveAndGenerateStream$/,
    resource: ({ body }) => findKnowledgeBase(body),
  },
  {
    operation: 'AgenticRetrieveStream',
    method: 'POST',
    pattern: /^\/agenticRetrieveStream$/,
    resource: ({ body }) => findKnowledgeBase(body),
  },
  {
    operation: 'ConverseStream',
    method: 'POST',
    pattern: /^\/model\/(?<modelId>[^/]+)\/converse-stream$/,
    resource: byLabel('modelId'),
  },
  {
    operation: 'InvokeAgentRuntime',
    method: 'POST',
    pattern: /^\/runtimes\/(?<agentRuntimeArn>[^/]+)\/invocations$/,
    resource: byLabel('agentRuntimeArn'),
  },
  {
    operation: 'InvokeHarness',
    method: 'POST',
    pattern: /^\/harnesses\/invoke$/,
    resource: ({ query }) => query.harnessArn ?? '',
  },
  {
    operation: 'StopRuntimeSession',
    method: 'POST',
    pattern: /^\/runtimes\/(?<agentRuntimeArn>[^/]+)\/stopruntimesession$/,
    resource: byLabel('agentRuntimeArn'),
  },
  {
    operation: 'EndSession',
    method: 'PATCH',
    pattern: /^\/sessions\/(?<sessionIdentifier>[^/]+)$/,
    resource: byLabel('sessionIdentifier'),
  },
];

/** Tells which operation a request is, or `undefined` when it is none that the stand-in answers. */
export function readBedrockRequest(
  exchange: Exchange,
  bodyBytes: Uint8Array,
): Omit<BedrockRequest, 'attempt'> | undefined {
  const { pathname, searchParams } = new URL(exchange.target, 'http://localhost');
  const query = Object.fromEntries(searchParams);
  for (const route of ROUTES) {
    const match = route.method === exchange.method ? route.pattern.exec(pathname) : null;
    if (match === null) continue;
    const params = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    const body = parseBody(bodyBytes);
    return {
      operation: route.operation,
      resourceId: route.resource({ params, query, body }),
      params,
      query,
      headers: exchange.headers,
      body,
      method: exchange.method,
      path: pathname,
      httpVersion: exchange.httpVersion,
    };
  }
  return undefined;
}

function parseBody(bytes: Uint8Array): Record<string, unknown> | undefined {
  if (bytes.byteLength === 0) return undefined;
  const text = Buffer.from(bytes).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : { value };
  } catch {
    // A runtime's payload is whatever its agent takes, JSON or not.
    return { text };
  }
}

/** The knowledge base is named at different depths by different operations; the first one found counts. */
function findKnowledgeBase(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const { knowledgeBaseId } = value as { knowledgeBaseId?: unknown };
  if (typeof knowledgeBaseId === 'string') return knowledgeBaseId;
  for (const item of Object.values(value)) {
    const found = findKnowledgeBase(item);
    if (found !== '') return found;
  }
  return '';
}
