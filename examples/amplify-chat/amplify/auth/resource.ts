import { defineAuth } from '@aws-amplify/backend';

/** Users sign in with their email address. The handler verifies their access token. */
export const auth = defineAuth({ loginWith: { email: true } });
