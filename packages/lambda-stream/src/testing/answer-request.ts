import type { BedrockFault } from './bedrock-fault';
import { createFrameSink } from './bedrock-fault';
import type { BedrockOperation, BedrockRequest } from './bedrock-request';
import type { BedrockFrame, BedrockScript } from './bedrock-script';
import { runScript } from './bedrock-script';
import { encodeErrorFrame, encodeFrame } from './encode-frame';
import type { Exchange } from './exchange';
import { encodePiece, runtimePieces } from './runtime-script';
import type { BedrockScripts, StartBedrockOptions } from './start-bedrock';
import { textFrame } from './text-frame';

/** Answers one request from its script. Rejects when the client goes away before the end. */
export async function answerRequest(
  exchange: Exchange,
  request: BedrockRequest,
  options: StartBedrockOptions,
  fault: BedrockFault | undefined,
  onScriptError: (error: unknown) => void,
): Promise<void> {
  if (fault?.kind === 'http') {
    await sendHttpError(
      exchange,
      fault.status,
      fault.name,
      fault.message ?? 'Injected by the test',
    );
    return;
  }
  if (request.operation === 'EndSession' || request.operation === 'StopRuntimeSession') {
    await sendSessionEnd(exchange, request);
    return;
  }
  if (request.operation === 'InvokeAgentRuntime') {
    const script = pick(options.runtimes, request.resourceId);
    if (script === undefined) return sendNotFound(exchange, request);
    const { contentType, pieces } = runtimePieces(script);
    return stream(exchange, request, fault, onScriptError, contentType, pieces, encodePiece);
  }
  const script = scriptOf(request, options);
  if (script === undefined) return sendNotFound(exchange, request);
  return stream(
    exchange,
    request,
    fault,
    onScriptError,
    'application/vnd.amazon.eventstream',
    script,
    (frame: BedrockFrame) => encodeMember(request.operation, frame),
  );
}

async function stream<TFrame>(
  exchange: Exchange,
  request: BedrockRequest,
  fault: BedrockFault | undefined,
  onScriptError: (error: unknown) => void,
  contentType: string,
  script: BedrockScript<TFrame>,
  encode: (frame: TFrame) => Uint8Array,
): Promise<void> {
  exchange.start(200, { ...responseHeaders(request), 'content-type': contentType });
  const sink = createFrameSink(exchange, fault, {
    exception: (name, message) => encodeFrame(name, { message }),
    error: encodeErrorFrame,
  });
  let proceed = true;
  try {
    await runScript(script, request, exchange.signal, async (frame) => {
      proceed = await sink.write(encode(frame));
      return proceed;
    });
  } catch (error) {
    if (exchange.signal.aborted) throw error;
    onScriptError(error);
    proceed = false;
    const message = error instanceof Error ? error.message : String(error);
    await exchange.write(encodeFrame('internalServerException', { message }));
  }
  if (proceed) await sink.finish();
  await exchange.end();
}

function encodeMember(operation: BedrockOperation, frame: BedrockFrame): Uint8Array {
  const [member, payload] =
    typeof frame === 'string' ? textFrame(operation, frame) : onlyMember(frame);
  return encodeFrame(member, payload);
}

function onlyMember(frame: { readonly [member: string]: unknown }): readonly [string, unknown] {
  const entries = Object.entries(frame);
  const [first] = entries;
  if (first === undefined || entries.length > 1) {
    throw new TypeError(
      `Cannot encode a frame: expected exactly one member, got ${JSON.stringify(Object.keys(frame))}`,
    );
  }
  return first;
}

function scriptOf(
  request: BedrockRequest,
  options: StartBedrockOptions,
): BedrockScript | undefined {
  switch (request.operation) {
    case 'InvokeAgent':
      return pick(options.agents, request.resourceId);
    case 'InvokeInlineAgent':
      return options.inlineAgent;
    case 'InvokeFlow':
      return pick(options.flows, request.resourceId);
    case 'RetrieveAndGenerateStream':
    case 'AgenticRetrieveStream':
      return pick(options.knowledgeBases, request.resourceId);
    case 'ConverseStream':
      return pick(options.models, request.resourceId);
    case 'InvokeHarness':
      return pick(options.harnesses, request.resourceId);
    default:
      return undefined;
  }
}

function pick<TScript>(
  scripts: BedrockScripts<TScript> | undefined,
  id: string,
): TScript | undefined {
  if (scripts === undefined) return undefined;
  return Object.hasOwn(scripts, id) ? scripts[id] : scripts['*'];
}

function responseHeaders(request: BedrockRequest): Record<string, string> {
  const requestId = { 'x-amzn-requestid': globalThis.crypto.randomUUID() };
  const { sessionId } = request.params;
  const bodySessionId = request.body?.sessionId ?? globalThis.crypto.randomUUID();
  const runtimeSessionId = request.headers['x-amzn-bedrock-agentcore-runtime-session-id'];
  return {
    ...requestId,
    ...(sessionId !== undefined && {
      'x-amz-bedrock-agent-session-id': sessionId,
      'x-amzn-bedrock-agent-content-type': 'application/json',
    }),
    ...(request.operation === 'InvokeFlow' && {
      'x-amz-bedrock-flow-execution-id': String(
        request.body?.executionId ?? globalThis.crypto.randomUUID(),
      ),
    }),
    ...(request.operation === 'RetrieveAndGenerateStream' && {
      'x-amzn-bedrock-knowledge-base-session-id': String(bodySessionId),
    }),
    ...(runtimeSessionId !== undefined && {
      'x-amzn-bedrock-agentcore-runtime-session-id': runtimeSessionId,
    }),
  };
}

async function sendNotFound(exchange: Exchange, request: BedrockRequest): Promise<void> {
  await sendHttpError(
    exchange,
    404,
    'ResourceNotFoundException',
    `No script for ${request.operation} of "${request.resourceId}"`,
  );
}

async function sendSessionEnd(exchange: Exchange, request: BedrockRequest): Promise<void> {
  const body =
    request.operation === 'EndSession'
      ? {
          sessionId: request.resourceId,
          sessionArn: `arn:aws:bedrock:us-east-1:123456789012:session/${request.resourceId}`,
          sessionStatus: 'ENDED',
        }
      : {};
  exchange.start(200, { ...responseHeaders(request), 'content-type': 'application/json' });
  await exchange.write(Buffer.from(JSON.stringify(body)));
  await exchange.end();
}

/** Answers with an error of the service before any frame. */
export async function sendHttpError(
  exchange: Exchange,
  status: number,
  name: string,
  message: string,
): Promise<void> {
  exchange.start(status, {
    'content-type': 'application/json',
    'x-amzn-errortype': name,
    'x-amzn-requestid': globalThis.crypto.randomUUID(),
  });
  await exchange.write(Buffer.from(JSON.stringify({ message })));
  await exchange.end();
}
