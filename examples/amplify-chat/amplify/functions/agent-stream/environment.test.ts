import { describe, expect, it } from 'vitest';
import { sageNames as drawnNames } from '../../../components/sage-card';
import { readEnvironment, sageNames } from './environment';
import { sessionIdFor } from './session-id';

const agent = { AGENT_ID: 'AGENT', AGENT_ALIAS_ID: 'ALIAS' };

describe('readEnvironment', () => {
  it('refuses to start when nobody said who may call', () => {
    expect(() => readEnvironment(agent)).toThrow('Set CHAT_AUTH to "cognito"');
    expect(() => readEnvironment({ ...agent, CHAT_AUTH: 'off' })).toThrow('got "off"');
  });

  it('refuses to start without the user pool when callers sign in', () => {
    expect(() => readEnvironment({ ...agent, CHAT_AUTH: 'cognito' })).toThrow(
      'COGNITO_USER_POOL_ID',
    );
  });

  it('lets anybody call only when that is said', () => {
    expect(readEnvironment({ ...agent, CHAT_AUTH: 'none' })).toEqual({
      source: 'bedrock-agent',
      agent: { id: 'AGENT', alias: 'ALIAS' },
      callers: { kind: 'none' },
      council: undefined,
    });
  });

  it('names the agent variable that is missing', () => {
    expect(() => readEnvironment({ CHAT_AUTH: 'none', AGENT_ID: 'A' })).toThrow(
      'Set AGENT_ALIAS_ID',
    );
  });

  it('reads the sages and the judge', () => {
    const { council } = readEnvironment({
      ...agent,
      CHAT_AUTH: 'none',
      COUNCIL_AGENTS: 'caspar=C1/A1, melchior=M1/A1,solomon=S1/A2',
    });
    expect(council?.judge).toEqual({ id: 'S1', alias: 'A2' });
    expect(Object.keys(council?.sages ?? {})).toEqual(['caspar', 'melchior']);
  });

  it.each(['caspar', 'caspar=C1', 'caspar=C1/A1'])('refuses the council %j', (text) => {
    expect(() => readEnvironment({ ...agent, CHAT_AUTH: 'none', COUNCIL_AGENTS: text })).toThrow(
      'COUNCIL_AGENTS',
    );
  });
});

describe('COUNCIL_AGENTS', () => {
  const read = (COUNCIL_AGENTS: string) => () =>
    readEnvironment({ ...agent, CHAT_AUTH: 'none', COUNCIL_AGENTS });

  it.each(['caspar', 'solomon'])('refuses to choose between two agents of one name', (name) => {
    const council = `caspar=C1/A1,solomon=S1/A1,${name}=X1/A1`;
    expect(read(council)).toThrow(
      `Name each agent once in COUNCIL_AGENTS: got "${name}" twice in "${council}"`,
    );
  });

  it('takes the sages that the page draws', () => {
    expect(sageNames).toEqual(drawnNames);
  });

  it.each(['gaspar', 'caspar2', 'constructor'])('refuses %j, which no page shows', (name) => {
    expect(read(`caspar=C1/A1,${name}=X1/A1,solomon=S1/A1`)).toThrow(
      `Name only "caspar", "balthasar", "melchior" and "solomon" in COUNCIL_AGENTS: got "${name}"`,
    );
  });
});

describe('AGENT_SOURCE', () => {
  const runtime = (name: string) =>
    `arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/${name}`;
  const read = (env: Record<string, string>) => readEnvironment({ CHAT_AUTH: 'none', ...env });

  it.each(['', 'bedrock', 'Converse', 'constructor'])('refuses to start as %j', (AGENT_SOURCE) => {
    expect(() => read({ ...agent, AGENT_SOURCE })).toThrow(
      `Set AGENT_SOURCE to one of "bedrock-agent", "converse", "agentcore": got "${AGENT_SOURCE}"`,
    );
  });

  it('reads models, whose ids and ARNs have characters of every kind', () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0';
    const { agent: model, council } = read({
      AGENT_SOURCE: 'converse',
      AGENT_ID: 'amazon.nova-lite-v1:0',
      COUNCIL_AGENTS: `caspar=${arn},solomon=amazon.nova-pro-v1:0`,
    });
    expect(model).toEqual({ id: 'amazon.nova-lite-v1:0', alias: undefined });
    expect(council).toEqual({
      sages: { caspar: { id: arn, alias: undefined } },
      judge: { id: 'amazon.nova-pro-v1:0', alias: undefined },
    });
  });

  it('reads runtimes, all called at one endpoint', () => {
    const { agent: called, council } = read({
      AGENT_SOURCE: 'agentcore',
      AGENT_ID: runtime('chat-1'),
      AGENT_ALIAS_ID: 'prod',
      COUNCIL_AGENTS: `caspar=${runtime('c-1')},solomon=${runtime('s-1')}`,
    });
    expect(called).toEqual({ id: runtime('chat-1'), alias: 'prod' });
    expect(council?.judge).toEqual({ id: runtime('s-1'), alias: 'prod' });
  });

  it.each([
    ['an agent id', 'AGENT12345'],
    ['a model', 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0'],
    ['an endpoint', `${runtime('chat-1')}/runtime-endpoint/DEFAULT`],
  ])('refuses %s where a runtime is asked for', (_, AGENT_ID) => {
    expect(() => read({ AGENT_SOURCE: 'agentcore', AGENT_ID })).toThrow('as RUNTIME_ARN');
  });
});

describe('sessionIdFor', () => {
  it('keeps the same thread of two callers apart', () => {
    expect(sessionIdFor('a', 't')).not.toBe(sessionIdFor('b', 't'));
    expect(sessionIdFor('a', 't')).toBe(sessionIdFor('a', 't'));
  });

  it('makes an id Bedrock takes out of any thread id', () => {
    expect(sessionIdFor(undefined, '../日本語 '.repeat(100))).toMatch(/^[0-9a-zA-Z._:-]{2,100}$/);
  });
});
