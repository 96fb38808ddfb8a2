import type { Authorize } from './authorize';
import { AccessDeniedError } from './authorize';

/** Options of `iam`. */
export interface IamOptions {
  /** Says whether a caller that AWS has authenticated may go on; `false` refuses with 403. Default: every one may. */
  allow?(caller: IamPrincipal): boolean | Promise<boolean>;
}

/** Who signed the request, as AWS verified it. */
export interface IamPrincipal {
  /** The account of the caller. */
  readonly accountId: string;
  /** The user or the assumed role, for example `arn:aws:sts::123456789012:assumed-role/chat-user/session`. */
  readonly userArn: string;
  /** The unique id of the user, or of the role and the session: `AROA…:session`. */
  readonly userId: string;
  /** The identity of the Cognito identity pool behind the role, when there is one. */
  readonly cognitoIdentityId: string | undefined;
}

/**
 * Authorizes the caller that AWS put into the Lambda event: of a function URL with `AWS_IAM`, of an API Gateway HTTP API with an IAM
 * authorizer, or of a REST API with IAM authorization.
 *
 * The signature is verified by AWS before the function is called; a request that AWS did not authenticate (a function URL with
 * `NONE`, `fetchHandler`, `nodeHandler`) is refused with 401. Not guaranteed: that the event is genuine when somebody with the
 * right to call `lambda:InvokeFunction` invokes the function directly; they can put any caller into it.
 *
 * @throws {TypeError} At once, when an option is unknown or not a function.
 *
 * @example
 * ```ts
 * import { streamHandler } from '@magi/lambda-stream';
 * import { iam } from '@magi/lambda-stream/iam';
 *
 * export const handler = streamHandler(
 *   async function* ({ principal }) {
 *     yield `Hello ${principal.userArn}`;
 *   },
 *   { authorize: iam({ allow: ({ accountId }) => accountId === '123456789012' }) },
 * );
 * ```
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 * @public
 */
export function iam(options: IamOptions = {}): Authorize<IamPrincipal> {
  const { allow } = options;
  for (const name of Object.keys(options)) {
    if (name !== 'allow') throw new TypeError(`Cannot authorize by IAM: unknown option "${name}"`);
  }
  if (allow !== undefined && typeof allow !== 'function') {
    throw new TypeError('Cannot authorize by IAM: "allow" must be a function');
  }
  return async ({ event }) => {
    const caller = callerOf(event);
    if (caller === undefined) throw new AccessDeniedError({ challenge: 'AWS4-HMAC-SHA256' });
    if (allow !== undefined && (await allow(caller)) !== true) {
      throw new AccessDeniedError({ status: 403 });
    }
    return caller;
  };
}

/** Payload 2.0 has `requestContext.authorizer.iam`, payload 1.0 `requestContext.identity`, with nulls when nobody signed. */
function callerOf(event: unknown): IamPrincipal | undefined {
  const context = fields(fields(event).requestContext);
  const v2 = fields(fields(context.authorizer).iam);
  const v1 = fields(context.identity);
  const isV2 = typeof v2.userArn === 'string';
  const { accountId, userArn, userId } = isV2 ? v2 : { ...v1, userId: v1.user };
  const identity = isV2 ? fields(v2.cognitoIdentity).identityId : v1.cognitoIdentityId;
  if (!isText(accountId) || !isText(userArn) || !isText(userId)) return undefined;
  return { accountId, userArn, userId, cognitoIdentityId: isText(identity) ? identity : undefined };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
