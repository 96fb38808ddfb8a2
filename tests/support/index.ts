export { bundleHandler } from './bundle-handler';
export { functionUrlEvent, runInput } from './function-url-event';
export type { InvocationResult, Prelude } from './invocation-result';
export type { Reader } from './reader';
export { type Ric, type RicOptions, startRic } from './run-ric';
