'use client';

import { amplify } from '@magi/stream-client';
import { Amplify } from 'aws-amplify';
import { fetchAuthSession, getCurrentUser, signIn, signOut } from 'aws-amplify/auth';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { AuthContext } from './auth-gate';
import { usePreferences } from './preferences-provider';

const auth = amplify(fetchAuthSession);

type State = 'unknown' | 'signed-out' | 'signed-in';

/** Signs a caller in with Cognito. Accounts are made by an administrator or the Cognito console; this form does not register. */
export default function SignInGate(props: {
  outputs: Readonly<Record<string, unknown>>;
  children: ReactNode;
}) {
  const { t } = usePreferences();
  const [state, setState] = useState<State>('unknown');
  const [failure, setFailure] = useState<string>();

  useEffect(() => {
    Amplify.configure(props.outputs);
    getCurrentUser().then(
      () => setState('signed-in'),
      () => setState('signed-out'),
    );
  }, [props.outputs]);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setFailure(undefined);
    const form = new FormData(event.currentTarget);
    try {
      const { isSignedIn, nextStep } = await signIn({
        username: String(form.get('email')),
        password: String(form.get('password')),
      });
      if (isSignedIn) setState('signed-in');
      else setFailure(nextStep.signInStep);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }

  if (state === 'unknown') return null;
  if (state === 'signed-in') {
    return (
      <AuthContext value={auth}>
        {props.children}
        <button
          type="button"
          className="button sign-out"
          onClick={() => void signOut().then(() => setState('signed-out'))}
        >
          {t.signOut}
        </button>
      </AuthContext>
    );
  }
  return (
    <main className="welcome sign-in">
      <h1>{t.signIn}</h1>
      <p>{t.signInText}</p>
      <form onSubmit={onSubmit}>
        <label>
          {t.email}
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          {t.password}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {failure && (
          <p role="alert" className="failure">
            {t.signInFailed}: {failure}
          </p>
        )}
        <button type="submit" className="button primary">
          {t.signIn}
        </button>
      </form>
    </main>
  );
}
