import { randomUUID } from 'node:crypto';
import type { ContentBlockDelta, ContentBlockStart } from '@aws-sdk/client-bedrock-runtime';
import type { BedrockFrame, BedrockScript } from '@magi/lambda-stream/testing';
import type { AgentStep, LocalAgent } from '../agent-step';
import type { AnswerCitation } from '../answer';
import { readQuestion } from '../read-question';
import { knowledgeBaseId, sourceOf, toolName } from './source-of';

/** Numbers the content blocks of one message and remembers which one is open. */
function createBlocks() {
  let index = -1;
  let isOpen = false;
  const blocks = {
    close(): BedrockFrame[] {
      if (!isOpen) return [];
      isOpen = false;
      return [{ contentBlockStop: { contentBlockIndex: index } }];
    },
    /** Begins a block. Text and reasoning have no start of their own. */
    open(start?: ContentBlockStart): BedrockFrame[] {
      const closing = blocks.close();
      index += 1;
      isOpen = true;
      return start
        ? [...closing, { contentBlockStart: { contentBlockIndex: index, start } }]
        : closing;
    },
    delta: (delta: ContentBlockDelta): BedrockFrame => ({
      contentBlockDelta: { contentBlockIndex: index, delta },
    }),
  };
  return blocks;
}

function createConverseWriter(pageOrigin: string) {
  const blocks = createBlocks();
  const decoder = new TextDecoder();
  const toolUseId = `tooluse_${randomUUID()}`;
  const startedAtMs = Date.now();
  let isTelling = false;
  let citedNow: AnswerCitation | undefined;

  function tell({ bytes, cited }: Extract<AgentStep, { kind: 'text' }>): BedrockFrame[] {
    const text = decoder.decode(bytes, { stream: true });
    if (text === '') return [];
    // A citation counts for its whole content block, so each cited part is a block of its own.
    const opening = isTelling && cited === citedNow ? [] : blocks.open();
    isTelling = true;
    citedNow = cited;
    return [...opening, blocks.delta({ text })];
  }

  return (step: AgentStep): BedrockFrame[] => {
    switch (step.kind) {
      case 'begin':
        return [{ messageStart: { role: 'assistant' } }];
      case 'plan':
        return [...blocks.open(), blocks.delta({ reasoningContent: { text: step.text } })];
      case 'lookup': {
        const input = JSON.stringify({ knowledgeBaseId, text: step.text });
        // A tool that the service calls by itself: the caller is not asked to.
        const toolUse = { toolUseId, name: toolName, type: 'server_tool_use' } as const;
        return [...blocks.open({ toolUse }), blocks.delta({ toolUse: { input } })];
      }
      case 'found': {
        const json = step.passages.map((each) => sourceOf(pageOrigin, each));
        return [
          ...blocks.open({ toolResult: { toolUseId } }),
          blocks.delta({ toolResult: [{ json }] }),
        ];
      }
      case 'text':
        return tell(step);
      case 'citation': {
        const { quote, title, uri } = sourceOf(pageOrigin, step.cited);
        const location = { web: { url: uri, domain: new URL(uri).host } };
        return [blocks.delta({ citation: { title, sourceContent: [{ text: quote }], location } })];
      }
      case 'checked':
        // The message is the answer alone.
        return [];
      case 'end':
        return [
          ...blocks.close(),
          { messageStop: { stopReason: 'end_turn' } },
          // No usage: no model counts any tokens.
          { metadata: { metrics: { latencyMs: Date.now() - startedAtMs } } },
        ];
      case 'throttled':
        return [{ throttlingException: { message: 'Your request rate is too high' } }];
    }
  };
}

/** Lets a local agent answer ConverseStream: one message of content blocks. */
export function overConverse(agent: LocalAgent, pageOrigin: string): BedrockScript {
  return async function* (request, context) {
    const write = createConverseWriter(pageOrigin);
    for await (const step of agent(readQuestion(request), context)) yield* write(step);
  };
}
