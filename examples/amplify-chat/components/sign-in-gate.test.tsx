// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dictionaries } from '../lib/dictionary';
import type { Language } from '../local/language';
import { PreferencesProvider } from './preferences-provider';
import SignInGate from './sign-in-gate';

const cognito = vi.hoisted(() => ({
  confirmSignIn: vi.fn(),
  fetchAuthSession: vi.fn(),
  getCurrentUser: vi.fn(),
  signIn: vi.fn(),
  signOut: vi.fn(),
}));
vi.mock('aws-amplify', () => ({ Amplify: { configure: vi.fn() } }));
vi.mock('aws-amplify/auth', () => cognito);

const signedIn = { isSignedIn: true, nextStep: { signInStep: 'DONE' } };
const asks = (signInStep: string) => ({ isSignedIn: false, nextStep: { signInStep } });
const outputs = {};

let unmount = () => {};

async function open(language: Language = 'en') {
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  unmount = () => act(() => root.unmount());
  await act(async () =>
    root.render(
      <PreferencesProvider initial={{ language, theme: 'system' }}>
        <SignInGate outputs={outputs}>the page</SignInGate>
      </PreferencesProvider>,
    ),
  );
  return {
    text: () => host.textContent ?? '',
    alert: () => host.querySelector('[role=alert]')?.textContent,
    fields: () => [...host.querySelectorAll('input')].map(({ autocomplete }) => autocomplete),
    submit: (values: Record<string, string>) =>
      act(async () => {
        for (const [name, value] of Object.entries(values))
          host.querySelector<HTMLInputElement>(`input[name=${name}]`)?.setAttribute('value', value);
        host.querySelector('form')?.requestSubmit();
      }),
  };
}

describe('SignInGate', () => {
  beforeEach(() => {
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
    cognito.getCurrentUser.mockRejectedValue(new Error('nobody'));
  });
  afterEach(() => {
    unmount();
    document.body.replaceChildren();
    vi.resetAllMocks();
    vi.unstubAllGlobals();
  });

  const credentials = { email: 'a@example.com', password: 'Temporary-1' };

  it.each(['en', 'ja'] as const)('lets a new user choose a password (%s)', async (language) => {
    const t = dictionaries[language];
    cognito.signIn.mockResolvedValue(asks('CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED'));
    cognito.confirmSignIn.mockResolvedValue(signedIn);
    const page = await open(language);
    await page.submit(credentials);
    expect(page.text()).toContain(t.newPasswordText);
    expect(page.fields()).toEqual(['new-password']);
    expect(page.alert()).toBeUndefined();

    await page.submit({ password: 'My-own-secret-1' });
    expect(cognito.confirmSignIn).toHaveBeenCalledExactlyOnceWith({
      challengeResponse: 'My-own-secret-1',
    });
    expect(page.text()).toContain('the page');
  });

  it('says why a new password is refused, and takes another', async () => {
    cognito.signIn.mockResolvedValue(asks('CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED'));
    cognito.confirmSignIn.mockRejectedValueOnce(new Error('Password not long enough'));
    cognito.confirmSignIn.mockResolvedValueOnce(signedIn);
    const page = await open();
    await page.submit(credentials);
    await page.submit({ password: 'short' });
    expect(page.alert()).toBe('Signing in failed: Password not long enough');
    await page.submit({ password: 'My-own-secret-1' });
    expect(page.text()).toContain('the page');
  });

  it.each(['en', 'ja'] as const)('names a step that it does not offer (%s)', async (language) => {
    cognito.signIn.mockResolvedValue(asks('CONFIRM_SIGN_IN_WITH_TOTP_CODE'));
    const page = await open(language);
    await page.submit(credentials);
    expect(page.alert()).toBe(dictionaries[language].signInStep('CONFIRM_SIGN_IN_WITH_TOTP_CODE'));
    expect(page.alert()).toContain('CONFIRM_SIGN_IN_WITH_TOTP_CODE');
  });

  it('shows the page to who is signed in, and the form after signing out', async () => {
    cognito.getCurrentUser.mockResolvedValue({ userId: 'u' });
    cognito.signOut.mockResolvedValue(undefined);
    const page = await open();
    expect(page.text()).toContain('the page');
    await act(async () => document.querySelector<HTMLElement>('.sign-out')?.click());
    expect(page.fields()).toEqual(['username', 'current-password']);
  });
});
