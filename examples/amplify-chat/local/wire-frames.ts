import { randomUUID } from 'node:crypto';
import type {
  Citation,
  OrchestrationTrace,
  PayloadPart,
  RetrievedReference,
  Trace,
  TracePart,
} from '@aws-sdk/client-bedrock-agent-runtime';
import type { BedrockRequest } from '@magi/lambda-stream/testing';
import type { AnswerCitation } from './answer';
import type { Passage } from './passages';

/** A frame of InvokeAgent's answer, as the local agent writes it. */
export type WireFrame = { readonly chunk: PayloadPart } | { readonly trace: TracePart };

/** The name under which the full-text index appears in traces. */
export const knowledgeBaseId = 'local-full-text-index';

/** Returns the page on which a passage can be read, with the quoted words for the browser to mark. */
export function passageAddress(
  pageOrigin: string,
  { slug, anchor }: Passage,
  quote?: string,
): string {
  const words = quote
    ?.replace(/```[\s\S]*$/, '')
    .split('\n')[0]
    ?.replace(/^[\s>|*-]+|[`*]/g, '')
    .slice(0, 60)
    .trim();
  const mark = words ? `:~:text=${encodeURIComponent(words).replace(/-/g, '%2D')}` : '';
  return `${pageOrigin}/read/${slug.split('/').map(encodeURIComponent).join('/')}#${encodeURIComponent(anchor)}${mark}`;
}

export function reference(pageOrigin: string, passage: Passage, quote: string): RetrievedReference {
  return {
    content: { type: 'TEXT', text: quote },
    location: { type: 'WEB', webLocation: { url: passageAddress(pageOrigin, passage, quote) } },
    metadata: {
      title: [passage.headings.at(-1), passage.title].filter(Boolean).join(' · '),
      path: passage.path,
    },
  };
}

export function textFrame(bytes: Uint8Array): WireFrame {
  return { chunk: { bytes } };
}

/** An empty chunk that carries the citation of a part of the answer already sent. */
export function citationFrame(pageOrigin: string, text: string, cited: AnswerCitation): WireFrame {
  const citation: Citation = {
    generatedResponsePart: {
      textResponsePart: {
        text: text.slice(cited.start, cited.end),
        span: { start: cited.start, end: cited.end },
      },
    },
    retrievedReferences: [reference(pageOrigin, cited.passage, cited.quote)],
  };
  return { chunk: { bytes: new Uint8Array(), attribution: { citations: [citation] } } };
}

/** Makes the trace frames of one request. */
export function createTracer(request: BedrockRequest) {
  const ids = {
    agentId: request.params.agentId,
    agentAliasId: request.params.agentAliasId,
    sessionId: request.params.sessionId,
    agentVersion: '1',
  };
  // A step of one request must not look like an update of the same step of another.
  const traceId = randomUUID();
  const frame = (trace: Trace): WireFrame => ({ trace: { ...ids, eventTime: new Date(), trace } });
  return {
    traceId,
    preProcessing: () =>
      frame({
        preProcessingTrace: {
          modelInvocationOutput: { traceId: `${traceId}-pre-0`, parsedResponse: { isValid: true } },
        },
      }),
    orchestration: (step: OrchestrationTrace) => frame({ orchestrationTrace: step }),
    postProcessing: (text: string) =>
      frame({
        postProcessingTrace: {
          modelInvocationOutput: { traceId: `${traceId}-post-0`, parsedResponse: { text } },
        },
      }),
  };
}
