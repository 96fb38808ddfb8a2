import { AgentStreamError } from '../agent-stream-error';

interface Meaning {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

const UNAVAILABLE: Meaning = {
  code: 'UPSTREAM_UNAVAILABLE',
  message: 'The agent service is unavailable',
  retryable: true,
};
const TRUNCATED: Meaning = {
  code: 'UPSTREAM_TRUNCATED',
  message: 'The answer was cut off before its end',
  retryable: true,
};
const TIMED_OUT: Meaning = {
  code: 'UPSTREAM_TIMEOUT',
  message: 'The agent service took too long',
  retryable: true,
};
const UNKNOWN: Meaning = {
  code: 'UPSTREAM_ERROR',
  message: 'The agent service reported an error',
  retryable: false,
};

/** What the services' exceptions mean to a client, by class name. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  AccessDeniedException: {
    code: 'ACCESS_DENIED',
    message: 'The server is not allowed to call the agent',
    retryable: false,
  },
  BadGatewayException: UNAVAILABLE,
  ConflictException: {
    code: 'UPSTREAM_CONFLICT',
    message: 'The session is busy with another request',
    retryable: true,
  },
  DependencyFailedException: {
    code: 'UPSTREAM_DEPENDENCY_FAILED',
    message: 'Something that the agent depends on failed',
    retryable: false,
  },
  InternalServerException: UNAVAILABLE,
  ModelErrorException: UNAVAILABLE,
  ModelNotReadyException: {
    code: 'MODEL_NOT_READY',
    message: 'The model is not ready yet',
    retryable: true,
  },
  ModelStreamErrorException: UNAVAILABLE,
  ModelTimeoutException: TIMED_OUT,
  ResourceNotFoundException: {
    code: 'UPSTREAM_NOT_FOUND',
    message: 'The agent does not exist',
    retryable: false,
  },
  RetryableConflictException: {
    code: 'UPSTREAM_CONFLICT',
    message: 'The session is busy with another request',
    retryable: true,
  },
  RuntimeClientError: {
    code: 'AGENT_FAILED',
    message: 'The agent failed',
    retryable: false,
  },
  ServiceQuotaExceededException: {
    code: 'QUOTA_EXCEEDED',
    message: 'A quota of the agent service is used up',
    retryable: false,
  },
  ServiceUnavailableException: UNAVAILABLE,
  ThrottlingException: {
    code: 'THROTTLED',
    message: 'The agent service is busy',
    retryable: true,
  },
  TimeoutError: TIMED_OUT,
  ValidationException: {
    code: 'UPSTREAM_VALIDATION',
    message: 'The agent service rejected the request',
    retryable: false,
  },
};

/** The failures of a connection that was open: the answer was under way. */
const CUT_CODES = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET']);
const CUT_MESSAGE = /truncated event message|checksum|terminated/i;

/** The failures of a connection that was not made. */
const CONNECT_CODES = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Says that the service's response ended before the answer did. */
export function truncated(requestId: string | undefined, cause?: unknown): AgentStreamError {
  return agentStreamError(TRUNCATED, requestId, cause);
}

/**
 * Translates what an SDK client threw into the error that the client of the run is told about.
 *
 * The service's own message stays behind in `cause`: it may name resources or quote the prompt. What did not come from
 * the service or the connection to it (a missing credential, a bug) is returned as it is.
 */
export function translateUpstreamError(
  error: unknown,
  context: { readonly requestId: string | undefined; readonly responseStarted: boolean },
): unknown {
  if (error instanceof AgentStreamError || !(error instanceof Error)) return error;
  const details = error as Error & {
    readonly $fault?: unknown;
    readonly $metadata?: { readonly requestId?: string };
    readonly code?: unknown;
  };
  const requestId = details.$metadata?.requestId ?? context.requestId;
  const meaning = meaningOf(details, context.responseStarted);
  return meaning === undefined ? error : agentStreamError(meaning, requestId, error);
}

function meaningOf(
  error: Error & { readonly $fault?: unknown; readonly code?: unknown },
  responseStarted: boolean,
): Meaning | undefined {
  // A frame names the exception as the stream's member does, `throttlingException`, when the model lacks it.
  const name = error.name.charAt(0).toUpperCase() + error.name.slice(1);
  if (Object.hasOwn(MEANINGS, name)) return MEANINGS[name];
  if (error.$fault === 'server') return UNAVAILABLE;
  if (error.$fault === 'client') return UNKNOWN;
  const code = typeof error.code === 'string' ? error.code : '';
  if (CONNECT_CODES.has(code)) return UNAVAILABLE;
  const isCut =
    CUT_CODES.has(code) || code.startsWith('ERR_HTTP2') || CUT_MESSAGE.test(error.message);
  if (isCut) return responseStarted ? TRUNCATED : UNAVAILABLE;
  return responseStarted ? UNKNOWN : undefined;
}

function agentStreamError(
  meaning: Meaning,
  requestId: string | undefined,
  cause: unknown,
): AgentStreamError {
  return new AgentStreamError(meaning.message, {
    code: meaning.code,
    retryable: meaning.retryable,
    ...(requestId !== undefined && { requestId }),
    ...(cause !== undefined && { cause }),
  });
}
