import { describe, expect, it } from 'vitest';
import { readEnvironment } from './environment';
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
      agent: { agentId: 'AGENT', agentAliasId: 'ALIAS' },
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
    expect(council?.judge).toEqual({ agentId: 'S1', agentAliasId: 'A2' });
    expect(Object.keys(council?.sages ?? {})).toEqual(['caspar', 'melchior']);
  });

  it.each(['caspar', 'caspar=C1', 'caspar=C1/A1'])('refuses the council %j', (text) => {
    expect(() => readEnvironment({ ...agent, CHAT_AUTH: 'none', COUNCIL_AGENTS: text })).toThrow(
      'COUNCIL_AGENTS',
    );
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
