import type {
  InlineAgentResponseStream,
  InlineAgentTracePart,
  PayloadPart,
  ResponseStream,
  ReturnControlPayload,
  TracePart,
} from '@aws-sdk/client-bedrock-agent-runtime';
import type { Interrupt } from '@magi/stream-protocol';
import { customEvent } from '@magi/stream-protocol';
import { toBase64 } from '../sources/base64';
import type { Emit, FrameMapper } from '../sources/run-upstream';
import { plainUnion, unionMember } from '../sources/union-member';
import { createUsageTotal } from '../sources/usage';
import { createAgentScopes } from './agent-scope';
import { createTraceMapper } from './agent-trace';
import { createCitationWriter } from './citations';
import { readReturnedInvocation } from './invocation-input';
import { returnControlInterrupt } from './return-control';

/** Options of the mapping of an agent's answer. */
export interface AgentMappingOptions {
  /**
   * Whether trace steps carry what the models were sent and what they answered: prompts, raw responses, failure reasons.
   * Default `false`: it may quote instructions and data that the user of the page must not see.
   */
  readonly includeTraceText?: boolean;
}

/** Turns the members of InvokeAgent's and InvokeInlineAgent's answer into events. */
export function createAgentMapper(
  options: AgentMappingOptions,
): FrameMapper<ResponseStream | InlineAgentResponseStream> {
  const scopes = createAgentScopes();
  const usage = createUsageTotal();
  const { message } = scopes.root;
  const cite = createCitationWriter(message);
  const trace = createTraceMapper({
    scopes,
    usage,
    includeText: options.includeTraceText ?? false,
  });
  // A chunk may end inside a character.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const interrupts: Interrupt[] = [];
  let fileCount = 0;

  const mapChunk = (part: PayloadPart, emit: Emit): void => {
    if (part.bytes !== undefined)
      message.append(decoder.decode(part.bytes, { stream: true }), emit);
    for (const citation of part.attribution?.citations ?? []) cite(citation, emit);
  };

  const mapReturnControl = (payload: ReturnControlPayload, emit: Emit): void => {
    for (const [index, member] of (payload.invocationInputs ?? []).entries()) {
      const returned = readReturnedInvocation(member);
      if (returned === undefined) {
        emit({
          type: 'RAW',
          event: { returnControl: plainUnion(member) },
          source: 'bedrock-agent',
        });
        continue;
      }
      const scope = scopes.enter(returned.collaboratorName, emit);
      const interrupt = {
        ...returnControlInterrupt(payload, index, returned),
        ...scope.attribution,
      };
      const { toolCallId } = interrupt;
      emit({
        type: 'TOOL_CALL_START',
        toolCallId,
        toolCallName: returned.name,
        parentMessageId: scope.message.messageId,
        ...scope.attribution,
      });
      const delta = JSON.stringify(returned.arguments);
      emit({ type: 'TOOL_CALL_ARGS', toolCallId, delta, ...scope.attribution });
      emit({ type: 'TOOL_CALL_END', toolCallId, ...scope.attribution });
      interrupts.push(interrupt);
      if (scope.name !== undefined) scopes.suspend(scope.name, interrupt.id);
    }
  };

  return {
    map(frame, emit) {
      const member = unionMember(frame);
      switch (member?.name) {
        case 'chunk':
          mapChunk(member.value as PayloadPart, emit);
          return;
        case 'trace':
          trace(member.value as TracePart | InlineAgentTracePart, emit);
          return;
        case 'returnControl':
          mapReturnControl(member.value as ReturnControlPayload, emit);
          return;
        case 'files':
          for (const file of frame.files?.files ?? []) {
            fileCount += 1;
            emit(
              customEvent('magi.file', {
                id: `${message.messageId}:file:${fileCount}`,
                name: file.name ?? `file-${fileCount}`,
                mimeType: file.type ?? 'application/octet-stream',
                ...(file.bytes !== undefined && { data: toBase64(file.bytes) }),
              }),
            );
          }
          return;
        default:
          if (member !== undefined) {
            emit({ type: 'RAW', event: { [member.name]: member.value }, source: 'bedrock-agent' });
          }
      }
    },
    usage: usage.summary,
    finish(emit) {
      message.append(decoder.decode(), emit);
      scopes.finishAll(emit);
      return {
        ...usage.summary(),
        ...(interrupts.length > 0 && { outcome: { type: 'interrupt', interrupts } }),
      };
    },
  };
}
