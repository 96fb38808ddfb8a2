import { App, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Code,
  FunctionUrlAuthType,
  type IFunction,
  type IVersion,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { AgentStreamUrl, type AgentStreamUrlProps } from './agent-stream-url';

function setUp(settings: object = {}) {
  const stack = new Stack(new App(), 'Chat');
  const target = new LambdaFunction(stack, 'Agent', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('//'),
    timeout: Duration.minutes(5),
    reservedConcurrentExecutions: 20,
    ...settings,
  });
  const add = (props: Partial<AgentStreamUrlProps> = {}) =>
    new AgentStreamUrl(stack, 'Url', {
      function: target,
      authType: FunctionUrlAuthType.NONE,
      allowedOrigins: ['https://chat.example.com'],
      ...props,
    });
  return { stack, target, add };
}
const warningsOf = (stack: Stack) =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => String(entry.data));

// Loading the CDK and making a template take seconds.
describe('AgentStreamUrl', { timeout: 120_000 }, () => {
  it('is a URL that streams, with CORS for the listed pages and both permissions of a public one', () => {
    const { stack, add } = setUp();
    add({ allowedHeaders: ['x-tenant'] });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Url', {
      AuthType: 'NONE',
      InvokeMode: 'RESPONSE_STREAM',
      Cors: {
        AllowOrigins: ['https://chat.example.com'],
        AllowMethods: ['POST', 'GET', 'DELETE'],
        AllowHeaders: [
          'authorization',
          'content-type',
          'last-event-id',
          'traceparent',
          'tracestate',
          'x-tenant',
        ],
        MaxAge: 3_600,
      },
    });
    template.resourceCountIs('AWS::Lambda::Permission', 2);
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      Principal: '*',
      InvokedViaFunctionUrl: true,
    });
    expect(warningsOf(stack)).toEqual([]);
  });

  it('lets the callers of a signed URL in, and nobody else', () => {
    const { stack, add } = setUp();
    const role = new Role(stack, 'Caller', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
    });
    add({ authType: FunctionUrlAuthType.AWS_IAM, callers: [role] });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Permission', 0);
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement,
    );
    expect(statements.map(({ Action }) => Action).sort()).toEqual([
      'lambda:InvokeFunction',
      'lambda:InvokeFunctionUrl',
    ]);
    template.hasResourceProperties('AWS::Lambda::Url', {
      AuthType: 'AWS_IAM',
      Cors: {
        AllowHeaders: Match.arrayWith([
          'x-amz-content-sha256',
          'x-amz-date',
          'x-amz-security-token',
        ]),
      },
    });
  });

  it('watches failures and throttling', () => {
    const { stack, add } = setUp();
    const bound: string[] = [];
    const action = {
      bind: (_scope: unknown, { node }: { node: { id: string } }) => {
        bound.push(node.id);
        return { alarmActionArn: 'arn:aws:sns:eu-west-1:111122223333:on-call' };
      },
    };
    const { errorsAlarm, throttlesAlarm } = add({ alarmActions: [action as never] });
    const template = Template.fromStack(stack);
    for (const MetricName of ['Errors', 'Throttles'])
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName,
        Namespace: 'AWS/Lambda',
        Threshold: 1,
        TreatMissingData: 'notBreaching',
        AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:on-call'],
      });
    expect(bound).toEqual([errorsAlarm.node.id, throttlesAlarm.node.id]);
  });

  it('warns of a timeout that cuts answers, and of a public URL without a bound', () => {
    const { stack, add } = setUp({ timeout: undefined, reservedConcurrentExecutions: undefined });
    add();
    expect(warningsOf(stack)).toEqual([
      expect.stringContaining('timeout is 3 seconds'),
      expect.stringContaining('reservedConcurrentExecutions'),
    ]);
    const signed = setUp({ reservedConcurrentExecutions: undefined });
    signed.add({ authType: FunctionUrlAuthType.AWS_IAM });
    expect(warningsOf(signed.stack)).toEqual([]);
  });

  it('takes an alias', () => {
    const { stack, target, add } = setUp();
    // The declarations of aws-cdk-lib do not hold with exactOptionalPropertyTypes.
    const version = target.currentVersion as IVersion;
    const alias = new Alias(stack, 'Live', { aliasName: 'live', version });
    add({ function: alias as IFunction });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Url', { Qualifier: 'live' });
  });

  it.each([
    [{ function: {} }, '"function" must be a Lambda function'],
    [
      { authType: undefined },
      '"authType" must be FunctionUrlAuthType.AWS_IAM or FunctionUrlAuthType.NONE',
    ],
    [{ allowedOrigins: [] }, '"allowedOrigins" must be an array of origins'],
    [{ allowedOrigins: ['https://a.example/'] }, '"allowedOrigins" must be an array of origins'],
    [
      { allowedOrigins: ['*', 'https://a.example'] },
      '"allowedOrigins" must be an array of origins',
    ],
    [{ allowedHeaders: 'x-tenant' }, '"allowedHeaders" must be an array of names'],
    [{ callers: ['me'] }, '"callers" must be an array of principals'],
    [{ callers: [{ grantPrincipal: {} }] }, '"callers" is for AWS_IAM'],
    [{ alarmActions: [{}] }, '"alarmActions" must be an array of alarm actions'],
    [{ cors: {} }, 'unknown option "cors"'],
  ])('refuses %j', (props, message) => {
    const { add } = setUp();
    expect(() => add(props as never)).toThrow(message);
  });
});
