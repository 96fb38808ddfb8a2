import { describe, expect, it } from 'vitest';
import { readReturnedInvocation } from './invocation-input';
import { returnControlAnswer, returnControlInterrupt } from './return-control';

type Wants = 'RESULT' | 'USER_CONFIRMATION' | 'USER_CONFIRMATION_AND_RESULT';

function interrupt(wants: Wants, kind: 'function' | 'api' = 'function', index = 0) {
  const common = { actionGroup: 'Orders', actionInvocationType: wants, agentId: 'A1' };
  const returned = readReturnedInvocation(
    kind === 'function'
      ? { functionInvocationInput: { ...common, function: 'cancel' } }
      : { apiInvocationInput: { ...common, httpMethod: 'POST', apiPath: '/cancel' } },
  );
  if (returned === undefined) throw new Error('Expected an invocation');
  return returnControlInterrupt({ invocationId: 'i1' }, index, returned);
}

const answer = (id: string, status: 'resolved' | 'cancelled', payload?: unknown) =>
  returnControlAnswer([{ interruptId: id, status, payload }]);

describe('returnControlAnswer()', () => {
  it.each([
    ['RESULT', 'resolved', { result: 'done' }, { responseBody: { TEXT: { body: 'done' } } }],
    ['RESULT', 'resolved', 'done', { responseBody: { TEXT: { body: 'done' } } }],
    ['RESULT', 'resolved', { result: { n: 1 } }, { responseBody: { TEXT: { body: '{"n":1}' } } }],
    [
      'RESULT',
      'resolved',
      { result: 'which one?', state: 'REPROMPT' },
      { responseState: 'REPROMPT', responseBody: { TEXT: { body: 'which one?' } } },
    ],
    [
      'RESULT',
      'cancelled',
      undefined,
      {
        responseState: 'REPROMPT',
        responseBody: { TEXT: { body: 'The user declined the call' } },
      },
    ],
    ['USER_CONFIRMATION', 'resolved', { approved: true }, { confirmationState: 'CONFIRM' }],
    ['USER_CONFIRMATION', 'resolved', { approved: false }, { confirmationState: 'DENY' }],
    ['USER_CONFIRMATION', 'cancelled', undefined, { confirmationState: 'DENY' }],
    [
      'USER_CONFIRMATION_AND_RESULT',
      'resolved',
      { approved: true, result: 'done' },
      { confirmationState: 'CONFIRM', responseBody: { TEXT: { body: 'done' } } },
    ],
  ] as const)('answers %s, %s with %j', (wants, status, payload, expected) => {
    const { id } = interrupt(wants);
    expect(answer(id, status, payload)).toEqual({
      invocationId: 'i1',
      returnControlInvocationResults: [
        {
          functionResult: { actionGroup: 'Orders', agentId: 'A1', function: 'cancel', ...expected },
        },
      ],
    });
  });

  it('denies a confirmation that was not explicitly given', () => {
    for (const payload of [undefined, {}, { approved: 'yes' }, 'approved']) {
      const result = answer(interrupt('USER_CONFIRMATION').id, 'resolved', payload);
      expect(result?.returnControlInvocationResults[0]?.functionResult?.confirmationState).toBe(
        'DENY',
      );
    }
  });

  it('answers an action of an API schema with method, path and status', () => {
    const { id } = interrupt('RESULT', 'api');
    expect(
      answer(id, 'resolved', { result: { ok: true } })?.returnControlInvocationResults,
    ).toEqual([
      {
        apiResult: {
          actionGroup: 'Orders',
          agentId: 'A1',
          httpMethod: 'POST',
          apiPath: '/cancel',
          httpStatusCode: 200,
          responseBody: { 'application/json': { body: '{"ok":true}' } },
        },
      },
    ]);
  });

  it('leaves the word to a message that was written instead', () => {
    const resume = (['RESULT', 'USER_CONFIRMATION'] as const).map((wants, index) => ({
      interruptId: interrupt(wants, 'function', index).id,
      status: 'cancelled' as const,
    }));
    expect(returnControlAnswer(resume, 'Never mind')).toBeUndefined();
    expect(returnControlAnswer(resume, ' ')?.returnControlInvocationResults).toHaveLength(2);
  });

  it('lets cancelled entries carry the message where others are answered', () => {
    const resume = (['RESULT', 'USER_CONFIRMATION', 'RESULT'] as const).map((wants, index) => ({
      interruptId: interrupt(wants, 'function', index).id,
      status: index === 0 ? ('resolved' as const) : ('cancelled' as const),
      payload: { result: 'done' },
    }));
    const answered = returnControlAnswer(resume, 'Never mind')?.returnControlInvocationResults;
    const responseBody = {
      TEXT: { body: 'The user declined the call, and wrote instead: Never mind' },
    };
    expect(answered?.map(({ functionResult }) => functionResult)).toMatchObject([
      { responseBody: { TEXT: { body: 'done' } } },
      { confirmationState: 'DENY', responseState: 'REPROMPT', responseBody },
      { responseState: 'REPROMPT', responseBody },
    ]);
  });

  it('knows its interrupts behind the prefix of a merge, and of a merge in a merge', () => {
    const { id } = interrupt('RESULT');
    const own = answer(id, 'resolved', 'done');
    expect(own).toBeDefined();
    expect(answer(`caspar-1a2b3c4d/${id}`, 'resolved', 'done')).toEqual(own);
    expect(answer(`sages-1a2b3c4d/caspar-1a2b3c4d/${id}`, 'resolved', 'done')).toEqual(own);
    expect(answer(`of-another-${id}`, 'resolved', 'done')).toBeUndefined();
  });

  it('has nothing to say to interrupts of others', () => {
    expect(answer('frontend-question', 'resolved', {})).toBeUndefined();
    expect(returnControlAnswer(undefined)).toBeUndefined();
  });

  it.each(['bedrock-return-control.', 'bedrock-return-control.e30', 'bedrock-return-control.!!'])(
    'refuses the damaged id %s',
    (id) => {
      expect(() => answer(id, 'resolved')).toThrow(
        expect.objectContaining({ code: 'INVALID_RESUME' }),
      );
    },
  );

  it('refuses answers to two invocations at once', () => {
    const one = interrupt('RESULT');
    const returned = readReturnedInvocation({ functionInvocationInput: { actionGroup: 'X' } });
    if (returned === undefined) throw new Error('Expected an invocation');
    const two = returnControlInterrupt({ invocationId: 'i2' }, 0, returned);
    expect(() =>
      returnControlAnswer([one, two].map(({ id }) => ({ interruptId: id, status: 'resolved' }))),
    ).toThrow(/more than one invocation/);
  });
});
