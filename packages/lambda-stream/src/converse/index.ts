export type { SourceOptions } from '../sources/source-options';
export type { ConverseOptions } from './converse';
export { converse } from './converse';
export { converseMessages, converseSystem, converseTools } from './converse-messages';
