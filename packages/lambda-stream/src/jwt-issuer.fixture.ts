import { generateKeyPairSync, sign } from 'node:crypto';

/** An issuer for tests: makes tokens, good and bad, and serves its key set from memory. */
export interface TestIssuer {
  readonly jwks: { keys: { kty: string; kid: string; alg: string; use: string }[] };
  token(claims: object, header?: object): string;
}

export function createTestIssuer(kid = 'test-key'): TestIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    jwks: {
      keys: [{ ...publicKey.export({ format: 'jwk' }), kty: 'RSA', kid, alg: 'RS256', use: 'sig' }],
    },
    token(claims, header = {}) {
      const input = `${encode({ alg: 'RS256', kid, ...header })}.${encode(claims)}`;
      return `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`;
    },
  };
}

/** Seconds since the epoch, `offsetS` from now. */
export const epochSeconds = (offsetS: number) => Math.floor(Date.now() / 1000) + offsetS;
