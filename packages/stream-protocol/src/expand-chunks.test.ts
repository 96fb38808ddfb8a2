import { transformChunks } from '@ag-ui/client';
import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { anyEvent } from './any-event.fixture';
import type { AgentEvent } from './events';
import { createChunkExpander } from './expand-chunks';

describe('createChunkExpander', () => {
  it('opens at the first chunk, continues by lane, and closes at what interrupts', () => {
    const expand = createChunkExpander();
    const events: AgentEvent[] = [
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'a' },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm2', delta: 'b', subagentRunId: 's1' },
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'c' },
      { type: 'CUSTOM', name: 'n', value: 1 },
      { type: 'RUN_FINISHED', threadId: 't', runId: 'r' },
    ];
    expect(events.flatMap(expand)).toEqual([
      { type: 'TEXT_MESSAGE_START', messageId: 'm1', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'a' },
      { type: 'TEXT_MESSAGE_START', messageId: 'm2', role: 'assistant', subagentRunId: 's1' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm2', delta: 'b', subagentRunId: 's1' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'c' },
      { type: 'TEXT_MESSAGE_END', messageId: 'm1' },
      { type: 'CUSTOM', name: 'n', value: 1 },
      { type: 'TEXT_MESSAGE_END', messageId: 'm2', subagentRunId: 's1' },
      { type: 'RUN_FINISHED', threadId: 't', runId: 'r' },
    ]);
  });

  it('expands any events as transformChunks of @ag-ui/client 1.0 does', async () => {
    let expanded = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { maxLength: 30, size: 'max' }), async (events) => {
        const expand = createChunkExpander();
        const accepted: AgentEvent[] = [];
        const ours: AgentEvent[] = [];
        let isRefused = false;
        for (const event of events) {
          accepted.push(event);
          try {
            ours.push(...expand(event));
          } catch {
            isRefused = true;
            break;
          }
        }
        const theirs = lastValueFrom(
          from(accepted as never[]).pipe(transformChunks(), toArray<unknown>()),
        );
        if (isRefused) await expect(theirs, JSON.stringify(accepted)).rejects.toThrow();
        else expect(ours, JSON.stringify(accepted)).toEqual(await theirs);
        expanded += ours.length - accepted.length;
      }),
      { numRuns: Number(process.env.MAGI_FUZZ_RUNS ?? 300), seed: 20261122 },
    );
    expect(expanded).toBeGreaterThan(100);
  });
});
