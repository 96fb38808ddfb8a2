import type { Authorize } from './authorize';
import type { OptionRule } from './check-options';
import {
  aClock,
  aFunction,
  arrayOf,
  checkOptions,
  isFunction,
  isObject,
  numberFrom,
  orNull,
  text,
} from './check-options';
import type { Clock } from './clock';
import { systemClock } from './clock';
import type { CorsOptions } from './cors';
import { createCors } from './cors';
import { given } from './given';
import { logError } from './log-error';
import type { PaceOptions } from './pace/pace-options';
import { resolvePaceOptions } from './pace/pace-options';
import type { ObserveRun, RunStats } from './run-observer';
import type { Run } from './run-request';
import type { StandardSchema } from './standard-schema';
import type { WireFormat } from './wire-format';

/** What `onError` learns beside the error. */
export interface ErrorInfo {
  /** The code that the client saw, or `ERR_…` for a failure it was not told of. */
  readonly code: string;
  /** Absent when the error came before the run. */
  readonly runId?: string;
}

/** Options of every door: `streamHandler`, `fetchHandler`, `nodeHandler`. */
export interface EngineOptions<TInput, TPrincipal> {
  /**
   * Decides who may call, before the first byte. `null`, typed out, lets everyone in.
   * A function's result is the run's `principal`; `AccessDeniedError`, `undefined`, `null` and `false` refuse.
   */
  readonly authorize: Authorize<TPrincipal> | null;
  /** Any Standard Schema that the body must match; its output is the run's `input`. Default: AG-UI's `RunAgentInput`. */
  readonly input?: StandardSchema<TInput>;
  /**
   * The one path that is served; others get 404. `*` serves every path.
   * Default: `/` on a function URL, every path where a router stands in front (API Gateway, `fetchHandler`, `nodeHandler`).
   */
  readonly path?: string;
  /** GET and HEAD here answer 200 `{"status":"Healthy"}` without authorization. `null` turns it off. Default: `/health`. */
  readonly healthPath?: string | null;
  /** A comment is sent when nothing else was for this long. Milliseconds, 1 or more; `null` sends none. Default: 15 000, half of CloudFront's patience. */
  readonly keepAliveMs?: number | null;
  /** How long before the platform's timeout the run ends with `DEADLINE_EXCEEDED`. Milliseconds, 0 or more. Default: 2 000; at most half of the time that is left when the run starts. */
  readonly deadlineMarginMs?: number;
  /** A larger body gets 413. Bytes, 1 or more. Default: 1 048 576 (1 MiB). */
  readonly maxBodyBytes?: number;
  /** How text is spaced out; `false` sends every delta as it comes. Default: {@link PaceOptions}' defaults. */
  readonly pace?: false | PaceOptions;
  /** What clients speak, where it is not AG-UI: `uiMessageStream()` of `./ai-sdk` for the AI SDK's `useChat`. Default: AG-UI. */
  readonly wireFormat?: WireFormat;
  /** CORS headers and preflight answers. Default: none, because a function URL's own CORS setting answers, and two answers make browsers refuse both. */
  readonly cors?: CorsOptions;
  /** Called after the last byte; a promise is awaited for at most 2 000 ms. */
  onRunEnd?(stats: RunStats): void | Promise<void>;
  /**
   * Told of every failure with the original error, whose message may hold content. Default: one JSON line on
   * standard error with code, run id, error name and stack frames, without the message.
   */
  onError?(error: unknown, info: ErrorInfo): void;
  /** Watchers of every run, such as tracing. Default: none. */
  readonly observers?: readonly ObserveRun[];
  /** Where time comes from; default the machine's clock. For tests. */
  readonly clock?: Clock;
}

/** The defaults of {@link EngineOptions}. */
export const ENGINE_DEFAULTS = {
  healthPath: '/health',
  keepAliveMs: 15_000,
  deadlineMarginMs: 2_000,
  maxBodyBytes: 1_048_576,
} as const;

const PATH = 'a path that starts with "/"';
const ACTION = 'Cannot create handler';
const RULES: Readonly<Record<string, OptionRule>> = {
  authorize: orNull(aFunction),
  input: ['a Standard Schema', (value) => isFunction(Object(Object(value)['~standard']).validate)],
  path: text(`${PATH}, or "*"`, /^(\/|\*$)/),
  healthPath: orNull(text(PATH, /^\//)),
  keepAliveMs: orNull(numberFrom(1)),
  deadlineMarginMs: numberFrom(0),
  maxBodyBytes: numberFrom(1),
  pace: ['false or an object', (value) => value === false || isObject(value)],
  wireFormat: ['a wire format', (value) => isFunction(Object(value).createEncoder)],
  cors: ['an object', isObject],
  onRunEnd: aFunction,
  onError: aFunction,
  observers: arrayOf(['functions', isFunction]),
  clock: aClock,
};

/** Options that were checked and filled in. */
export type ResolvedOptions<TInput, TPrincipal> = ReturnType<
  typeof resolveOptions<TInput, TPrincipal>
>;

/**
 * Fills in the defaults. `rules` are those of the options that only this door has.
 *
 * @throws TypeError, RangeError for an unknown option or a wrong value, naming the option and what was expected.
 */
export function resolveOptions<TInput, TPrincipal>(
  run: Run<TInput, TPrincipal>,
  options: EngineOptions<TInput, TPrincipal>,
  rules?: Readonly<Record<string, OptionRule>>,
) {
  const resolved = {
    // The one option without a default: who may call is always a decision.
    authorize: undefined,
    ...ENGINE_DEFAULTS,
    clock: systemClock,
    onError: logError,
    observers: [],
    ...given({ ...options }),
  };
  checkOptions(ACTION, { run }, { run: aFunction });
  checkOptions(ACTION, resolved, { ...RULES, ...rules });
  const { clock, pace, cors, onError } = resolved;
  return {
    ...resolved,
    pace: pace !== false && resolvePaceOptions({ clock, ...pace }),
    cors: cors && createCors(ACTION, cors),
    report: (error: unknown, info: ErrorInfo): void => {
      (async () => onError(error, info))().catch((second) =>
        logError(second, { ...info, code: 'ERR_ON_ERROR' }),
      );
    },
  };
}
