import { answerRequest, sendHttpError } from './answer-request';
import type { BedrockFault } from './bedrock-fault';
import type { BedrockOperation, BedrockRequest } from './bedrock-request';
import { readBedrockRequest } from './bedrock-request';
import type { BedrockScript } from './bedrock-script';
import type { BedrockCredentials } from './check-signature';
import { checkSignature } from './check-signature';
import { startDualServer } from './dual-server';
import type { Exchange } from './exchange';
import type { BedrockRequestPattern } from './match-request';
import { matchesPattern } from './match-request';
import type { RuntimeScript } from './runtime-script';

/** Answers by resource id. The key `*` answers every id that has no entry of its own. */
export type BedrockScripts<TScript = BedrockScript> = Readonly<Record<string, TScript>>;

/** Options of {@link startBedrock}. */
export interface StartBedrockOptions {
  /** The address to listen on. Default `127.0.0.1`: this machine only. */
  readonly host?: string;
  /** The TCP port. Default 0: any free one. */
  readonly port?: number;
  /** InvokeAgent, by agent id. */
  readonly agents?: BedrockScripts;
  /** InvokeInlineAgent, which names no agent. */
  readonly inlineAgent?: BedrockScript;
  /** InvokeFlow, by flow id or ARN. */
  readonly flows?: BedrockScripts;
  /** RetrieveAndGenerateStream and AgenticRetrieveStream, by knowledge base id. */
  readonly knowledgeBases?: BedrockScripts;
  /** ConverseStream, by model id. */
  readonly models?: BedrockScripts;
  /** InvokeAgentRuntime, by runtime ARN. */
  readonly runtimes?: BedrockScripts<RuntimeScript>;
  /** InvokeHarness, by harness ARN. */
  readonly harnesses?: BedrockScripts;
  /**
   * The credentials that every request must be signed with. Default: any request is answered, signed or not. A request
   * with a wrong signature is answered 403 `InvalidSignatureException`, as by the services.
   */
  readonly credentials?: BedrockCredentials;
  /** Decides for each request whether and how it fails. Asked only when {@link Bedrock.faultNext} has none waiting. */
  readonly fault?: (request: BedrockRequest) => BedrockFault | undefined;
}

/** A request that the stand-in received, and what became of its response. */
export interface BedrockRequestRecord extends BedrockRequest {
  /** Bytes of the response body that the transport has accepted so far. */
  readonly bytesWritten: number;
  /** Who ended the response; `undefined` while it is open. */
  readonly endedBy: 'server' | 'client' | undefined;
  /** Resolves when the response is over, whoever ended it. */
  readonly closed: Promise<void>;
  /** What the script threw, if it did. */
  readonly error: unknown;
}

/** A running stand-in for Bedrock. */
export interface Bedrock {
  /** For the SDK client's `endpoint`: `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Ready-made SDK client configuration: endpoint, region, and `credentials` or some that mean nothing elsewhere. */
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: BedrockCredentials;
  };
  /** Every request so far, oldest first. */
  readonly requests: readonly BedrockRequestRecord[];
  /** Responses that are neither ended nor abandoned by the client. */
  readonly openResponses: number;
  /**
   * Returns the requests that match, oldest first.
   *
   * @throws Error when none does, listing what was received instead.
   */
  expectRequest(pattern: BedrockRequestPattern): readonly BedrockRequestRecord[];
  /** Fails the next requests, one fault each, in order; `undefined` lets one pass. */
  faultNext(...faults: readonly (BedrockFault | undefined)[]): void;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts a local server that answers the streaming operations of Amazon Bedrock in their real wire format, so that the
 * unmodified AWS SDK clients talk to it.
 *
 * One port speaks HTTP/1.1 and cleartext HTTP/2, as the clients' default transports want. It writes the next frame only
 * when the connection has room and tells a script by its `signal` when the client has gone.
 *
 * It does not imitate a model, keep sessions, or check requests against the service's model. Needs the optional peer
 * `@smithy/core`, which every AWS SDK client brings along.
 *
 * Rejects with a `TypeError` for an unknown option, and with the system's error when the port is taken.
 *
 * @example
 * ```ts
 * import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
 * import { startBedrock } from '@magi/lambda-stream/testing';
 *
 * const bedrock = await startBedrock({ agents: { AGENT1: ['Hello, ', 'world'] } });
 * const client = new BedrockAgentRuntimeClient(bedrock.clientConfig);
 * // … client.send(new InvokeAgentCommand({ agentId: 'AGENT1', … }))
 * await bedrock.close();
 * ```
 */
export async function startBedrock(options: StartBedrockOptions = {}): Promise<Bedrock> {
  rejectUnknownOptions(options);
  const requests: BedrockRequestRecord[] = [];
  const faults: (BedrockFault | undefined)[] = [];
  const host = options.host ?? '127.0.0.1';
  let openResponses = 0;

  const serve = async (exchange: Exchange): Promise<void> => {
    const body = await exchange.readBody();
    const found = readBedrockRequest(exchange, body);
    if (found === undefined) {
      const message = `No operation at ${exchange.method} ${exchange.target}`;
      await sendHttpError(exchange, 404, 'UnknownOperationException', message);
      return;
    }
    if (options.credentials !== undefined) {
      const signed = { ...exchange, body };
      const service = AGENTCORE_OPERATIONS.includes(found.operation)
        ? 'bedrock-agentcore'
        : 'bedrock';
      const problem = checkSignature(signed, options.credentials, service, Date.now());
      if (problem !== undefined) {
        await sendHttpError(exchange, 403, 'InvalidSignatureException', problem);
        return;
      }
    }
    const attempt = 1 + requests.filter((earlier) => isSameTarget(earlier, found)).length;
    const record: Writable<BedrockRequestRecord> = {
      ...found,
      attempt,
      bytesWritten: 0,
      endedBy: undefined,
      closed: exchange.closed,
      error: undefined,
    };
    Object.defineProperty(record, 'bytesWritten', { get: () => exchange.bytesWritten });
    requests.push(record);
    const fault = faults.length > 0 ? faults.shift() : options.fault?.(record);
    openResponses += 1;
    void exchange.closed.then(() => {
      openResponses -= 1;
      record.endedBy = exchange.signal.aborted ? 'client' : 'server';
    });
    await answerRequest(exchange, record, options, fault, (error) => {
      record.error = error;
    });
  };

  const server = await startDualServer({ host, port: options.port ?? 0 }, (exchange) => {
    // The client may leave at any point; the record tells, and nobody waits for this promise.
    serve(exchange).catch(() => exchange.cut('close'));
  });
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`;
  return {
    url,
    clientConfig: {
      endpoint: url,
      region: 'us-east-1',
      credentials: options.credentials ?? {
        accessKeyId: 'AKIALOCALTEST',
        secretAccessKey: 'local-test-secret',
      },
    },
    requests,
    get openResponses() {
      return openResponses;
    },
    expectRequest(pattern) {
      const matching = requests.filter((request) => matchesPattern(request, pattern));
      if (matching.length > 0) return matching;
      const received = requests.map(
        ({ operation, resourceId, body: sent }) =>
          `  ${operation} "${resourceId}" ${JSON.stringify(sent)}`,
      );
      throw new Error(
        `Expected a request that matches ${JSON.stringify(pattern)}, received ${received.length === 0 ? 'none' : `\n${received.join('\n')}`}`,
      );
    },
    faultNext(...next) {
      faults.push(...next);
    },
    close: () => server.close(),
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const AGENTCORE_OPERATIONS: readonly BedrockOperation[] = [
  'InvokeAgentRuntime',
  'InvokeHarness',
  'StopRuntimeSession',
];

const OPTION_NAMES: readonly (keyof StartBedrockOptions)[] = [
  'host',
  'port',
  'agents',
  'inlineAgent',
  'flows',
  'knowledgeBases',
  'models',
  'runtimes',
  'harnesses',
  'credentials',
  'fault',
];

function rejectUnknownOptions(options: StartBedrockOptions): void {
  for (const name of Object.keys(options)) {
    if (!(OPTION_NAMES as readonly string[]).includes(name)) {
      throw new TypeError(`Cannot start Bedrock: unknown option "${name}"`);
    }
  }
}

function isSameTarget(
  a: Pick<BedrockRequest, 'operation' | 'resourceId'>,
  b: Pick<BedrockRequest, 'operation' | 'resourceId'>,
): boolean {
  return a.operation === b.operation && a.resourceId === b.resourceId;
}
