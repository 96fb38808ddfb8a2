export type { SigV4Options } from './auth/sig-v4';
export { sigV4 } from './auth/sig-v4';
