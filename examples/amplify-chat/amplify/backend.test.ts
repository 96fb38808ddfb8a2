import { fileURLToPath } from 'node:url';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { agentPermission } from './agent-permission';
import { readDeployment } from './deployment';
import { putEsbuildOnPath } from './esbuild-on-path';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const origin = 'https://main.example.amplifyapp.com';

describe('the backend', () => {
  let template: Template;
  let outputs: Template;
  let restorePath: () => void;

  beforeAll(async () => {
    restorePath = putEsbuildOnPath(repository);
    vi.stubEnv(
      'CDK_CONTEXT_JSON',
      JSON.stringify({
        'amplify-backend-namespace': 'app',
        'amplify-backend-name': 'main',
        'amplify-backend-type': 'branch',
      }),
    );
    vi.stubEnv('CDK_VALIDATION', 'false');
    vi.stubEnv('AGENT_ID', 'AGENT12345');
    vi.stubEnv('AGENT_ALIAS_ID', 'ALIAS12345');
    vi.stubEnv('COUNCIL_AGENTS', 'caspar=CASPAR/A1,solomon=SOLOMON/A2');
    vi.stubEnv('ALLOWED_ORIGINS', origin);
    const { backend } = await import('./backend');
    const { Stack: StackOf } = await import('aws-cdk-lib');
    const stack: Stack = StackOf.of(backend.agentStream.resources.lambda);
    template = Template.fromStack(stack);
    // Synthesising the root finds a cycle between the stacks, if there is one.
    outputs = Template.fromStack(backend.stack);
  }, 180_000);

  afterAll(() => {
    restorePath();
    vi.unstubAllEnvs();
  });

  it('gives the function a URL that streams and answers CORS for the listed origins', () => {
    template.hasResourceProperties('AWS::Lambda::Url', {
      AuthType: 'NONE',
      InvokeMode: 'RESPONSE_STREAM',
      Cors: {
        AllowOrigins: [origin],
        AllowMethods: ['POST', 'GET', 'DELETE'],
        AllowHeaders: Match.arrayWith([
          'authorization',
          'content-type',
          'last-event-id',
          'traceparent',
        ]),
      },
    });
  });

  it('grants both permissions that a public URL needs', () => {
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
    });
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      Principal: '*',
      InvokedViaFunctionUrl: true,
    });
  });

  it('lets the function invoke its agents by alias, and nothing else of Bedrock', () => {
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'bedrock:InvokeAgent', Effect: 'Allow' }),
        ]),
      },
    });
    const policies = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    for (const alias of ['AGENT12345/ALIAS12345', 'CASPAR/A1', 'SOLOMON/A2'])
      expect(policies).toContain(`:agent-alias/${alias}`);
    expect(policies).not.toContain('bedrock:*');
  });

  it('verifies callers by the user pool, within a time limit that fits an answer', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Timeout: 300,
      MemorySize: 1024,
      Environment: {
        Variables: Match.objectLike({
          AGENT_SOURCE: 'bedrock-agent',
          AGENT_ID: 'AGENT12345',
          AGENT_ALIAS_ID: 'ALIAS12345',
          CHAT_AUTH: 'cognito',
          COGNITO_USER_POOL_ID: Match.anyValue(),
          COGNITO_CLIENT_ID: Match.anyValue(),
        }),
      },
    });
  });

  it('lets nobody in whom no administrator has let in', () => {
    template.hasResourceProperties('AWS::Cognito::UserPool', {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
    template.hasResourceProperties('AWS::Cognito::IdentityPool', {
      AllowUnauthenticatedIdentities: false,
    });
  });

  it('tells the page the URL', () => {
    const custom = Object.values(outputs.findOutputs('*')).map(({ Value }) =>
      JSON.stringify(Value),
    );
    expect(
      custom.some((value) => value.includes('agentStreamUrl') || value.includes('FunctionUrl')),
    ).toBe(true);
  });
});

describe('agentPermission', () => {
  const place = { partition: 'aws', region: 'eu-west-1', account: '123456789012' };
  const agent = (id: string, alias?: string) => ({ id, alias });

  it('names aliases of Amazon Bedrock', () => {
    expect(agentPermission('bedrock-agent', [agent('A', 'P'), agent('B', 'Q')], place)).toEqual({
      actions: ['bedrock:InvokeAgent'],
      resources: [
        'arn:aws:bedrock:eu-west-1:123456789012:agent-alias/A/P',
        'arn:aws:bedrock:eu-west-1:123456789012:agent-alias/B/Q',
      ],
    });
  });

  it('names models once, and behind a profile the model in every region', () => {
    const profile = 'eu.amazon.nova-lite-v1:0';
    const arn = 'arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/p1';
    const profileArn = 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.x-v1:0';
    const models = ['zai.glm-4.6', profile, profile, arn, profileArn].map((id) => agent(id));
    expect(agentPermission('converse', models, place)).toEqual({
      actions: ['bedrock:InvokeModelWithResponseStream'],
      resources: [
        'arn:aws:bedrock:eu-west-1::foundation-model/zai.glm-4.6',
        'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0',
        'arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0',
        arn,
        profileArn,
        'arn:aws:bedrock:*::foundation-model/amazon.x-v1:0',
      ],
    });
  });

  it('names runtimes and the endpoint each is called at', () => {
    const arn = 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime';
    expect(
      agentPermission('agentcore', [agent(`${arn}/r1`), agent(`${arn}/r2`, 'prod')], place),
    ).toEqual({
      actions: ['bedrock-agentcore:InvokeAgentRuntime', 'bedrock-agentcore:StopRuntimeSession'],
      resources: [
        `${arn}/r1`,
        `${arn}/r1/runtime-endpoint/DEFAULT`,
        `${arn}/r2`,
        `${arn}/r2/runtime-endpoint/prod`,
      ],
    });
  });
});

describe('readDeployment', () => {
  const env = { AGENT_ID: 'A', AGENT_ALIAS_ID: 'B', ALLOWED_ORIGINS: origin };

  it.each([
    ['a wildcard', '*'],
    ['a path', `${origin}/chat`],
    ['nothing', ''],
  ])('refuses %s as origin', (_, ALLOWED_ORIGINS) => {
    expect(() => readDeployment({ ...env, ALLOWED_ORIGINS })).toThrow('ALLOWED_ORIGINS');
  });

  it('hands the source and its agent on to the function', () => {
    const AGENT_ID = 'amazon.nova-lite-v1:0';
    const { variables } = readDeployment({
      AGENT_SOURCE: 'converse',
      AGENT_ID,
      ALLOWED_ORIGINS: origin,
    });
    expect(variables).toEqual({ AGENT_SOURCE: 'converse', AGENT_ID });
  });

  it('takes several origins', () => {
    const { allowedOrigins } = readDeployment({
      ...env,
      ALLOWED_ORIGINS: `${origin}, http://localhost:3000`,
    });
    expect(allowedOrigins).toEqual([origin, 'http://localhost:3000']);
  });
});
