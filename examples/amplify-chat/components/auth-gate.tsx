'use client';

import type { AuthHook } from '@magi/stream-client';
import { createContext, lazy, type ReactNode, Suspense, useContext } from 'react';

export const AuthContext = createContext<AuthHook | undefined>(undefined);

/** Returns the hook that puts the caller's token on requests; `undefined` where nobody signs in. */
export function useAuth(): AuthHook | undefined {
  return useContext(AuthContext);
}

// Loaded only where callers sign in: the demo never downloads it.
const SignInGate = lazy(() => import('./sign-in-gate'));

/** Shows its children at once where nobody signs in, else once the caller has signed in. */
export function AuthGate(props: {
  outputs: Readonly<Record<string, unknown>> | undefined;
  children: ReactNode;
}) {
  if (props.outputs === undefined) return props.children;
  return (
    <Suspense fallback={null}>
      <SignInGate outputs={props.outputs}>{props.children}</SignInGate>
    </Suspense>
  );
}
