import { AccessDeniedError, type RunRequest, streamHandler } from '@magi/lambda-stream';
import { scenarios, secret } from './scenarios';

const scenarioOf = (props: unknown): unknown =>
  typeof props === 'object' && props !== null && 'scenario' in props ? props.scenario : undefined;

const run = (request: RunRequest<RunRequest['input'], unknown>) => {
  const scenario = scenarios[String(scenarioOf(request.input.forwardedProps))];
  if (scenario === undefined) throw new RangeError('No such scenario');
  return scenario(request);
};

/** Every feature on, with times short enough to meet all of them in one test. */
export const handler = streamHandler(run, {
  deadlineMarginMs: 300,
  keepAliveMs: 20,
  maxBodyBytes: 65_536,
  authorize: ({ headers }) => {
    if (headers['x-caller'] === 'refused') throw new AccessDeniedError({ status: 403 });
    if (headers['x-caller'] === 'broken') throw new TypeError(secret);
    return headers['x-caller'] === 'unknown' ? undefined : { name: 'caller' };
  },
});
