export type { OtelOptions } from './otel';
export { otel } from './otel';
export { traceHeaders } from './trace-headers';
