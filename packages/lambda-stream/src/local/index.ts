export type {
  FunctionUrl,
  FunctionUrlHandler,
  FunctionUrlOptions,
  LocalContext,
} from './start-function-url';
export { startFunctionUrl } from './start-function-url';
export type { UrlCors } from './url-cors';
export type { FunctionUrlEvent } from './url-event';
