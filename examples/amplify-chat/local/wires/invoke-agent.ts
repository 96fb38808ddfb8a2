import { randomUUID } from 'node:crypto';
import type { RetrievedReference, Trace } from '@aws-sdk/client-bedrock-agent-runtime';
import type { BedrockFrame, BedrockScript } from '@magi/lambda-stream/testing';
import type { AgentStep, FoundPassage, LocalAgent } from '../agent-step';
import { readQuestion } from '../read-question';
import { knowledgeBaseId, sourceOf } from './source-of';

function reference(pageOrigin: string, found: FoundPassage): RetrievedReference {
  const { quote, title, uri, path } = sourceOf(pageOrigin, found);
  return {
    content: { type: 'TEXT', text: quote },
    location: { type: 'WEB', webLocation: { url: uri } },
    metadata: { title, path },
  };
}

/** What a step is in an agent's trace; `undefined` for what is no part of one. */
function traceOf(step: AgentStep, traceId: string, pageOrigin: string): Trace | undefined {
  switch (step.kind) {
    case 'begin':
      return {
        preProcessingTrace: {
          modelInvocationOutput: { traceId: `${traceId}-pre-0`, parsedResponse: { isValid: true } },
        },
      };
    case 'plan':
      return { orchestrationTrace: { rationale: { traceId, text: step.text } } };
    case 'lookup':
      return {
        orchestrationTrace: {
          invocationInput: {
            traceId,
            invocationType: 'KNOWLEDGE_BASE',
            knowledgeBaseLookupInput: { knowledgeBaseId, text: step.text },
          },
        },
      };
    case 'found': {
      const retrievedReferences = step.passages.map((each) => reference(pageOrigin, each));
      const knowledgeBaseLookupOutput = { retrievedReferences };
      return {
        orchestrationTrace: {
          observation: { traceId, type: 'KNOWLEDGE_BASE', knowledgeBaseLookupOutput },
        },
      };
    }
    case 'checked':
      return {
        postProcessingTrace: {
          modelInvocationOutput: {
            traceId: `${traceId}-post-0`,
            parsedResponse: { text: step.text },
          },
        },
      };
    case 'end':
      return {
        orchestrationTrace: {
          observation: { traceId, type: 'FINISH', finalResponse: { text: step.text } },
        },
      };
    default:
      return undefined;
  }
}

/** An empty chunk that carries the citation of a part of the answer already sent. */
function citationFrame(
  { part, cited }: Extract<AgentStep, { kind: 'citation' }>,
  pageOrigin: string,
): BedrockFrame {
  const span = { start: cited.start, end: cited.end };
  const citation = {
    generatedResponsePart: { textResponsePart: { text: part, span } },
    retrievedReferences: [reference(pageOrigin, cited)],
  };
  return { chunk: { bytes: new Uint8Array(), attribution: { citations: [citation] } } };
}

/** Lets a local agent answer InvokeAgent: chunks of bytes, and traces for what it does. */
export function overInvokeAgent(agent: LocalAgent, pageOrigin: string): BedrockScript {
  return async function* (request, context) {
    const { agentId, agentAliasId, sessionId } = request.params;
    const ids = { agentId, agentAliasId, sessionId, agentVersion: '1' };
    // A step of one request must not look like an update of the same step of another.
    const traceId = randomUUID();
    for await (const step of agent(readQuestion(request), context)) {
      const trace = traceOf(step, traceId, pageOrigin);
      if (trace) yield { trace: { ...ids, eventTime: new Date(), trace } };
      else if (step.kind === 'text') yield { chunk: { bytes: step.bytes } };
      else if (step.kind === 'citation') yield citationFrame(step, pageOrigin);
      else if (step.kind === 'throttled')
        yield { throttlingException: { message: 'Your request rate is too high' } };
    }
  };
}
