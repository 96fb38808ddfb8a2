import { describe, expect, it, vi } from 'vitest';
import type { Authorize } from './authorize';
import { iam } from './iam';

const userArn = 'arn:aws:sts::123456789012:assumed-role/chat-user/taro';
const v2 = {
  version: '2.0',
  requestContext: {
    authorizer: {
      iam: {
        accessKey: 'AKIAEXAMPLE',
        accountId: '123456789012',
        callerId: 'AROAEXAMPLE:taro',
        cognitoIdentity: null,
        principalOrgId: null,
        userArn,
        userId: 'AROAEXAMPLE:taro',
      },
    },
  },
};
const v1 = {
  requestContext: {
    identity: {
      accountId: '123456789012',
      caller: 'AROAEXAMPLE:taro',
      cognitoIdentityId: 'ap-northeast-1:1234',
      user: 'AROAEXAMPLE:taro',
      userArn,
      sourceIp: '192.0.2.1',
    },
  },
};

const ask = async (authorize: Authorize<unknown>, event: unknown) =>
  authorize({ method: 'POST', path: '/', headers: {}, event });

describe('iam()', () => {
  it('reads the caller of a function URL', async () => {
    expect(await ask(iam(), v2)).toEqual({
      accountId: '123456789012',
      userArn,
      userId: 'AROAEXAMPLE:taro',
      cognitoIdentityId: undefined,
    });
  });

  it('reads the caller of a REST API, with its Cognito identity', async () => {
    expect(await ask(iam(), v1)).toMatchObject({
      userArn,
      cognitoIdentityId: 'ap-northeast-1:1234',
    });
  });

  it.each([
    ['nothing', undefined],
    [
      'a function URL without IAM',
      { version: '2.0', requestContext: { http: { method: 'POST' } } },
    ],
    ['a JWT authorizer', { requestContext: { authorizer: { jwt: { claims: { sub: 'x' } } } } }],
    [
      'a REST API without IAM',
      { requestContext: { identity: { accountId: null, user: null, userArn: null } } },
    ],
    ['half a caller', { requestContext: { authorizer: { iam: { userArn } } } }],
  ])('refuses %s with 401', async (_case, event) => {
    await expect(ask(iam(), event)).rejects.toMatchObject({
      status: 401,
      challenge: 'AWS4-HMAC-SHA256',
    });
  });

  it('refuses with 403 whom allow does not allow', async () => {
    const allow = vi.fn(() => false);
    await expect(ask(iam({ allow }), v2)).rejects.toMatchObject({ status: 403 });
    expect(allow).toHaveBeenCalledWith(expect.objectContaining({ userArn }));
    await ask(iam({ allow: async () => true }), v2);
  });

  it('refuses options that it does not know', () => {
    expect(() => iam({ allowed: true } as never)).toThrow('unknown option "allowed"');
    expect(() => iam({ allow: true } as never)).toThrow('"allow" must be a function');
  });
});
