import { AccessDeniedError } from './authorize';
import type { ResolvedOptions } from './engine-options';
import type { HttpReply, HttpRequest } from './http-exchange';
import { problem, reply } from './problem';
import { issuePath, type StandardSchema } from './standard-schema';
import { runAgentInput } from './validate-input';

export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** A request that may run. */
export interface Admitted<TInput, TPrincipal> {
  readonly input: TInput;
  readonly principal: TPrincipal;
  /** What `input` was read from. */
  readonly body: unknown;
  readonly threadId: string;
  readonly runId: string;
  readonly parentRunId: string | undefined;
  readonly protocolVersion: string | undefined;
}

const MAX_ID_CHARS = 512;
const json = /^application\/([^;]+\+)?json *(;|$)/i;

/** Decides on a request before the first byte: it may run, or this is its answer. */
export async function admitRequest<TInput, TPrincipal>(
  request: HttpRequest,
  options: ResolvedOptions<TInput, TPrincipal>,
): Promise<Admitted<TInput, TPrincipal> | HttpReply> {
  const { method, path, headers } = request;
  if (path === options.healthPath && /^(GET|HEAD)$/.test(method)) {
    return reply(200, 'application/json', method === 'GET' ? '{"status":"Healthy"}' : '');
  }
  const served = options.path ?? (request.routed ? '*' : '/');
  if (served !== '*' && path !== served) return problem(404);
  if (method === 'OPTIONS' && options.cors) return { status: 204, headers: {}, body: '' };
  // A probe learns that the endpoint is there; nothing is run for it.
  if (method === 'HEAD') return reply(200, EVENT_STREAM, '');
  if (method !== 'POST') return problem(405, {}, { allow: 'HEAD, POST' });

  let principal: unknown;
  try {
    const { event } = request;
    principal = await options.authorize?.({ method, path, headers, event });
    const refused = principal === undefined || principal === null || principal === false;
    if (options.authorize && refused) throw new AccessDeniedError();
  } catch (error) {
    if (!isAccessDenied(error)) throw error;
    const { status, detail, challenge } = error;
    return problem(status, { detail }, status === 401 ? { 'www-authenticate': challenge } : {});
  }

  if (!json.test(headers['content-type'] ?? '')) {
    const detail = 'The body must be application/json';
    return problem(415, { detail }, { accept: 'application/json' });
  }
  const text = await request.readBody(options.maxBodyBytes);
  if (text === undefined) {
    return problem(413, { detail: `The body must not exceed ${options.maxBodyBytes} bytes` });
  }
  const body = parseJson(text);
  if (body === undefined) return problem(400, { errors: [{ path: '', message: 'must be JSON' }] });
  const { wireFormat, input = runAgentInput } = options;
  const asked = wireFormat?.request ? await read(wireFormat.request, body) : { value: body };
  if ('status' in asked) return asked;
  const result = await read(input, asked.value);
  if ('status' in result) return result;
  const field = (name: string): string | undefined => {
    const value = Object(asked.value)[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  // They are repeated in the ids of messages, with every event.
  const tooLong = ['threadId', 'runId', 'parentRunId'].find((name) => field(name)?.[MAX_ID_CHARS]);
  if (tooLong) {
    const message = `must not exceed ${MAX_ID_CHARS} characters`;
    return problem(400, { errors: [{ path: tooLong, message }] });
  }
  return {
    // TInput is the default schema's output where no other schema was given, and `undefined` is TPrincipal where nobody authorizes.
    input: result.value as TInput,
    principal: principal as TPrincipal,
    body: asked.value,
    threadId: field('threadId') ?? crypto.randomUUID(),
    runId: field('runId') ?? crypto.randomUUID(),
    parentRunId: field('parentRunId'),
    protocolVersion: field('protocolVersion'),
  };
}

/** What a schema makes of a body, or the answer to a body that it refuses. */
async function read(
  schema: StandardSchema,
  body: unknown,
): Promise<{ readonly value: unknown } | HttpReply> {
  const result = await schema['~standard'].validate(body);
  if (result.issues === undefined) return result;
  const errors = result.issues.map((issue) => ({
    path: issuePath(issue),
    message: issue.message,
  }));
  return problem(400, { detail: 'The body is not a valid input of a run', errors });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** By its code, because the CommonJS build of another entry point has a class of its own. */
function isAccessDenied(error: unknown): error is AccessDeniedError {
  if (!(error instanceof Error) || !('code' in error && 'status' in error)) return false;
  // Node's permission model has errors of the same code, without a status.
  return error.code === 'ERR_ACCESS_DENIED' && (error.status === 401 || error.status === 403);
}
