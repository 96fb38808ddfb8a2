export type { SseDecoder, SseDecoderOptions, SseEvent } from './decode';
export {
  createSseDecoder,
  DEFAULT_MAX_EVENT_BYTES,
  SseEventTooLargeError,
} from './decode';
export type { SseEventInput } from './encode';
export { encodeSseComment, encodeSseEvent } from './encode';
export { SseDecoderStream, SseEncoderStream } from './streams';
