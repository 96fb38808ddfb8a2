export type { WireFormat } from '../wire-format';
export { uiMessageStream } from './ui-message-stream';
