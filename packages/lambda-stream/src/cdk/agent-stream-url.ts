import { Annotations, Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import {
  CfnFunction,
  type FunctionUrl,
  FunctionUrlAuthType,
  HttpMethod,
  type IFunction,
  InvokeMode,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  aNameList,
  arrayOf,
  checkOptions,
  isFunction,
  isObject,
  type OptionRule,
  ORIGIN,
} from '../check-options';
import { given } from '../given';

export interface AgentStreamUrlProps {
  /** The function whose handler is a `streamHandler`, or an alias of it. */
  readonly function: IFunction;
  /**
   * Who is let in before the function runs: with `AWS_IAM` only requests that are signed by one of `callers`; with `NONE` everybody, so
   * that the handler's `authorize` decides. Required, because either is a decision.
   */
  readonly authType: FunctionUrlAuthType;
  /** Pages that may call, as `https://host[:port]` without a path, or `['*']`. At least one. */
  readonly allowedOrigins: readonly string[];
  /** Headers that these pages may send beside those that `@magi/stream-client` sends. Default: none. */
  readonly allowedHeaders?: readonly string[];
  /** Who may call an `AWS_IAM` URL: roles, users. Each is granted both permissions that it takes. Default: nobody. */
  readonly callers?: readonly IGrantable[];
  /** What happens on an alarm, an `SnsAction` for example. Default: nothing; the console shows the alarms. */
  readonly alarmActions?: readonly IAlarmAction[];
}

const ACTION = 'Cannot create AgentStreamUrl';
const RULES: Readonly<Record<string, OptionRule>> = {
  function: ['a Lambda function', (value) => isFunction(Object(value).addFunctionUrl)],
  authType: [
    'FunctionUrlAuthType.AWS_IAM or FunctionUrlAuthType.NONE',
    (value) => value === FunctionUrlAuthType.AWS_IAM || value === FunctionUrlAuthType.NONE,
  ],
  allowedOrigins: [
    'an array of origins such as "https://host", at least one, or ["*"]',
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      (String(value) === '*' || value.every((origin) => ORIGIN.test(origin))),
  ],
  allowedHeaders: aNameList,
  callers: arrayOf(['principals', (value) => isObject(Object(value).grantPrincipal)]),
  alarmActions: arrayOf(['alarm actions', (value) => isFunction(Object(value).bind)]),
};
/** What `@magi/stream-client` sends, and a page that is traced. */
const CLIENT_HEADERS = [
  'authorization',
  'content-type',
  'last-event-id',
  'traceparent',
  'tracestate',
];
/** What a signed request has beside them. */
const SIGNED_HEADERS = ['x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'];
/** An agent that calls a tool or two takes this long now and then. */
const SHORT_TIMEOUT_SECONDS = 30;

/**
 * A function URL whose answers stream: InvokeMode `RESPONSE_STREAM`, CORS for the pages you list, the permissions that its kind of
 * access takes (two each, since October 2025), and alarms on failed and on throttled invocations.
 *
 * Warns at synthesis when the function's timeout is shorter than an agent's answer, and when a URL that everybody may call has no
 * reserved concurrency: that is what bounds what unwelcome callers cost. Does not change the function: its timeout, memory and
 * permission to call Bedrock are yours.
 *
 * Not promised: that the handler is a streaming one, which only running it tells. See `npx magi-stream probe`.
 *
 * @throws TypeError when a property is unknown, missing or wrong, naming it and what was expected.
 *
 * @example
 * ```ts
 * import { AgentStreamUrl } from '@magi/lambda-stream/cdk';
 * import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
 * import { Code, Function as LambdaFunction, FunctionUrlAuthType, Runtime } from 'aws-cdk-lib/aws-lambda';
 *
 * const stack = new Stack(new App(), 'Chat');
 * const agent = new LambdaFunction(stack, 'Agent', {
 *   runtime: Runtime.NODEJS_24_X,
 *   handler: 'index.handler',
 *   code: Code.fromAsset('dist'),
 *   timeout: Duration.minutes(5),
 *   reservedConcurrentExecutions: 20,
 * });
 * const { url } = new AgentStreamUrl(stack, 'AgentUrl', {
 *   function: agent,
 *   authType: FunctionUrlAuthType.NONE, // the handler's authorize verifies the token
 *   allowedOrigins: ['https://chat.example.com'],
 * });
 * new CfnOutput(stack, 'Url', { value: url });
 * ```
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
 */
export class AgentStreamUrl extends Construct {
  /** The address, known once it is deployed. Ends with `/`. */
  readonly url: string;
  readonly functionUrl: FunctionUrl;
  /** Some invocation failed in the last five minutes. `streamHandler` fails the invocation of a run that failed. */
  readonly errorsAlarm: Alarm;
  /** Some invocation was refused in the last five minutes for want of concurrency. */
  readonly throttlesAlarm: Alarm;

  constructor(scope: Construct, id: string, props: AgentStreamUrlProps) {
    const { function: target, authType, allowedOrigins } = props;
    checkOptions(ACTION, { ...given(props), function: target, authType, allowedOrigins }, RULES);
    super(scope, id);
    const { allowedHeaders = [], callers = [], alarmActions = [] } = props;
    const isSigned = authType === FunctionUrlAuthType.AWS_IAM;
    if (!isSigned && callers.length > 0)
      throw new TypeError(
        `${ACTION}: "callers" is for AWS_IAM: everybody may call a URL with NONE`,
      );

    this.functionUrl = target.addFunctionUrl({
      authType,
      invokeMode: InvokeMode.RESPONSE_STREAM,
      cors: {
        allowedOrigins: [...allowedOrigins],
        // Lambda answers OPTIONS itself, and refuses it in this list.
        allowedMethods: [HttpMethod.POST, HttpMethod.GET, HttpMethod.DELETE],
        allowedHeaders: [...CLIENT_HEADERS, ...(isSigned ? SIGNED_HEADERS : []), ...allowedHeaders],
        maxAge: Duration.hours(1),
      },
    });
    this.url = this.functionUrl.url;
    for (const caller of callers) this.functionUrl.grantInvokeUrl(caller);

    const period = Duration.minutes(5);
    const alarm = (name: string, metric: IMetric, alarmDescription: string): Alarm => {
      const created = new Alarm(this, name, {
        metric,
        alarmDescription,
        threshold: 1,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      created.addAlarmAction(...alarmActions);
      return created;
    };
    this.errorsAlarm = alarm(
      'Errors',
      target.metricErrors({ period }),
      'Some runs of the agent failed, or its function did',
    );
    this.throttlesAlarm = alarm(
      'Throttles',
      target.metricThrottles({ period }),
      'Some callers were refused: the function has no concurrency left',
    );
    this.warn(target, isSigned);
  }

  private warn(target: IFunction, isSigned: boolean): void {
    const resource = target.node.defaultChild;
    // An imported function's settings are not known, and an alias has none.
    if (!(resource instanceof CfnFunction)) return;
    const { timeout = 3, reservedConcurrentExecutions } = resource;
    if (timeout < SHORT_TIMEOUT_SECONDS)
      Annotations.of(this).addWarningV2(
        '@magi/lambda-stream:timeout',
        `The function's timeout is ${timeout} seconds, which cuts most answers of an agent: set it to the longest run you allow, at most 900`,
      );
    if (!isSigned && reservedConcurrentExecutions === undefined)
      Annotations.of(this).addWarningV2(
        '@magi/lambda-stream:concurrency',
        'Everybody may call this URL, and nothing bounds how often at once: set reservedConcurrentExecutions on the function',
      );
  }
}
