import { randomUUID } from 'node:crypto';
import { type AgentEvent, customEvent } from '@magi/lambda-stream';
import type { BedrockRequest, RuntimePiece, RuntimeScript } from '@magi/lambda-stream/testing';
import type { AgentStep, LocalAgent } from '../agent-step';
import { readQuestion } from '../read-question';
import { knowledgeBaseId, sourceOf, toolName } from './source-of';

function createAgUiWriter(body: BedrockRequest['body'], pageOrigin: string) {
  const run = {
    threadId: String(body?.threadId ?? randomUUID()),
    runId: String(body?.runId ?? randomUUID()),
  };
  const messageId = randomUUID();
  const toolCallId = randomUUID();
  const decoder = new TextDecoder();
  let isTelling = false;
  let citations = 0;

  const lookupStep = (status: 'started' | 'finished'): AgentEvent =>
    customEvent('magi.trace', {
      id: toolCallId,
      kind: 'knowledge-base',
      label: toolName,
      status,
    });

  function think(text: string): AgentEvent[] {
    const id = randomUUID();
    return [
      { type: 'REASONING_START', messageId: id },
      { type: 'REASONING_MESSAGE_START', messageId: id, role: 'reasoning' },
      { type: 'REASONING_MESSAGE_CONTENT', messageId: id, delta: text },
      { type: 'REASONING_MESSAGE_END', messageId: id },
      { type: 'REASONING_END', messageId: id },
    ];
  }

  function tell(bytes: Uint8Array): AgentEvent[] {
    const delta = decoder.decode(bytes, { stream: true });
    if (delta === '') return [];
    const content: AgentEvent = { type: 'TEXT_MESSAGE_CONTENT', messageId, delta };
    if (isTelling) return [content];
    isTelling = true;
    return [{ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' }, content];
  }

  return (step: AgentStep): AgentEvent[] => {
    switch (step.kind) {
      case 'begin':
        return [{ type: 'RUN_STARTED', ...run }];
      case 'plan':
        return think(step.text);
      case 'lookup': {
        const call = { toolCallId, toolCallName: toolName, parentMessageId: messageId };
        const delta = JSON.stringify({ knowledgeBaseId, text: step.text });
        return [
          { type: 'TOOL_CALL_START', ...call },
          { type: 'TOOL_CALL_ARGS', toolCallId, delta },
          { type: 'TOOL_CALL_END', toolCallId },
          lookupStep('started'),
        ];
      }
      case 'found': {
        const content = JSON.stringify(step.passages.map((each) => sourceOf(pageOrigin, each)));
        const result = { messageId: `${toolCallId}:result`, toolCallId, content } as const;
        return [{ type: 'TOOL_CALL_RESULT', ...result, role: 'tool' }, lookupStep('finished')];
      }
      case 'text':
        return tell(step.bytes);
      case 'citation': {
        const { path, ...source } = sourceOf(pageOrigin, step.cited);
        const span = { start: step.cited.start, end: step.cited.end };
        citations += 1;
        const id = `${messageId}:citation:${citations}`;
        return [
          customEvent('magi.citation', { messageId, id, span, ...source, metadata: { path } }),
        ];
      }
      case 'checked': {
        const id = `${messageId}:check`;
        const label = step.text;
        return [
          customEvent('magi.trace', { id, kind: 'post-processing', label, status: 'finished' }),
        ];
      }
      case 'end':
        return [
          ...(isTelling ? [{ type: 'TEXT_MESSAGE_END', messageId } as const] : []),
          { type: 'RUN_FINISHED', ...run },
        ];
      case 'throttled':
        return [
          {
            type: 'RUN_ERROR',
            message: 'The agent is busy',
            code: 'THROTTLED',
            metadata: { retryable: true },
          },
        ];
    }
  };
}

/** Lets a local agent answer InvokeAgentRuntime the way an agent that speaks AG-UI does: its events as server-sent events. */
export function overAgUi(agent: LocalAgent, pageOrigin: string): RuntimeScript {
  return async function* (request, context): AsyncGenerator<RuntimePiece> {
    const write = createAgUiWriter(request.body, pageOrigin);
    for await (const step of agent(readQuestion(request), context))
      for (const event of write(step)) yield { ...event };
  };
}
