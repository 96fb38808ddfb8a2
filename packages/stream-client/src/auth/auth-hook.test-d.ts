import { type AuthContext, type AuthHook, type AuthRequest, bearer, oacHash } from '../index';

declare const getToken: () => Promise<string>;
class KeyHook implements AuthHook {
  readonly #key = 'key';
  /** Not for the client: a hook may have more than it needs. */
  call(): string {
    return this.#key;
  }
  apply(request: AuthRequest, _context: AuthContext): AuthRequest {
    return { ...request, headers: { ...request.headers, 'x-api-key': this.#key } };
  }
}
const own = { label: 'own', apply: async (request: AuthRequest) => request };

const accepted: AuthHook[] = [bearer(getToken), oacHash(), new KeyHook(), own];
void accepted;
// @ts-expect-error a function is no hook, though it has an `apply`
const bare: AuthHook = getToken;
// @ts-expect-error neither is one that takes what a hook takes
const applying: AuthHook = own.apply;
void [bare, applying];
// @ts-expect-error what is wrapped has to be a hook too
oacHash(getToken);
