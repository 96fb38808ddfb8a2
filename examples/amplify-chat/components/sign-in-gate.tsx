'use client';

import { amplify } from '@magi/stream-client';
import { Amplify } from 'aws-amplify';
import {
  confirmSignIn,
  fetchAuthSession,
  getCurrentUser,
  type SignInOutput,
  signIn,
  signOut,
} from 'aws-amplify/auth';
import { type ReactNode, useEffect, useState } from 'react';
import { AuthContext } from './auth-gate';
import { usePreferences } from './preferences-provider';
import { SignInForm } from './sign-in-form';

const auth = amplify(fetchAuthSession);

type State = 'unknown' | 'signed-out' | 'new-password' | 'signed-in';

/**
 * Signs a caller in with Cognito, and lets a new user replace the temporary password.
 *
 * It registers nobody: users are made in the Cognito console. Other steps, such as codes of a second factor, are named, not offered.
 */
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

  async function take(step: () => Promise<SignInOutput>) {
    setFailure(undefined);
    try {
      const { isSignedIn, nextStep } = await step();
      if (isSignedIn) setState('signed-in');
      // Cognito asks it of every user that an administrator has made.
      else if (nextStep.signInStep === 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED')
        setState('new-password');
      else setFailure(t.signInStep(nextStep.signInStep));
    } catch (error) {
      setFailure(`${t.signInFailed}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  switch (state) {
    case 'unknown':
      return null;
    case 'signed-in':
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
    case 'new-password':
      return (
        <SignInForm
          key={state}
          title={t.newPassword}
          text={t.newPasswordText}
          submit={t.savePassword}
          failure={failure}
          onSubmit={(field) => take(() => confirmSignIn({ challengeResponse: field('password') }))}
        >
          <label>
            {t.newPassword}
            <input name="password" type="password" autoComplete="new-password" required />
          </label>
        </SignInForm>
      );
    case 'signed-out':
      return (
        <SignInForm
          key={state}
          title={t.signIn}
          text={t.signInText}
          submit={t.signIn}
          failure={failure}
          onSubmit={(field) =>
            take(() => signIn({ username: field('email'), password: field('password') }))
          }
        >
          <label>
            {t.email}
            <input name="email" type="email" autoComplete="username" required />
          </label>
          <label>
            {t.password}
            <input name="password" type="password" autoComplete="current-password" required />
          </label>
        </SignInForm>
      );
  }
}
