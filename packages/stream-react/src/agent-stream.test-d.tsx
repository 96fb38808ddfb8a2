// biome-ignore-all lint/correctness/useHookAtTopLevel: compiled, never run
import type { AgentClient, Conversation, ConversationSnapshot } from '@magi/stream-client';
import { createConversation } from '@magi/stream-client';
import { expectTypeOf } from 'vitest';
import {
  type AgentStreamOptions,
  agentTool,
  type JsonSchemaOutput,
  persistence,
  useAgentConversation,
  useAgentMessage,
  useAgentSelector,
  useAgentStream,
} from './index';

declare const client: AgentClient;
declare const conversation: Conversation<Trip>;
declare const elsewhere: Conversation;
interface Trip {
  city: string;
}

// Options: exactly one source, nothing that does not belong to it.
const accepted: AgentStreamOptions[] = [
  { url: '/a' },
  { url: '/a', threadId: 't', onUnmount: 'detach', headers: { a: 'b' } },
  { client, initialMessages: [{ id: '1', role: 'user', content: 'hi' }] },
  { conversation: elsewhere },
  { url: '/a', threadId: 't', persist: persistence({ storage: 'session' }) },
  { url: '/a', threadId: 't', persist: createConversation },
];
void accepted;
// @ts-expect-error a source is missing
const nothing: AgentStreamOptions = { threadId: 't' };
// @ts-expect-error two sources
const two: AgentStreamOptions = { url: '/a', client };
// @ts-expect-error a client brings its own connection options
const mixed: AgentStreamOptions = { client, headers: {} };
// @ts-expect-error the maker of a conversation decides how long it lives
const shared: AgentStreamOptions = { conversation: elsewhere, onUnmount: 'keep' };
// @ts-expect-error an unknown policy
const policy: AgentStreamOptions = { url: '/a', onUnmount: 'never' };
void [nothing, two, mixed, shared, policy];

// State.
const persist = persistence({ storage: 'local' });
expectTypeOf(useAgentStream<Trip>({ url: '/a', threadId: 't', persist }).state).toEqualTypeOf<
  Trip | undefined
>();
expectTypeOf(useAgentStream({ conversation }).state).toEqualTypeOf<Trip | undefined>();
expectTypeOf(useAgentStream().state).toEqualTypeOf<unknown>();
expectTypeOf(useAgentConversation<Trip>()).toEqualTypeOf<Conversation<Trip>>();
expectTypeOf(
  useAgentSelector(conversation, (snapshot) => {
    expectTypeOf(snapshot).toEqualTypeOf<ConversationSnapshot<Trip>>();
    return snapshot.state?.city;
  }),
).toEqualTypeOf<string | undefined>();
expectTypeOf(useAgentMessage('a')?.text).toEqualTypeOf<string | undefined>();

// Tools: arguments from the schema literal, or from `parse`.
const schema = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    days: { type: 'integer' },
    unit: { enum: ['C', 'F'] },
    tags: { type: 'array', items: { type: 'string' } },
    where: { type: 'object', properties: { lat: { type: 'number' } }, required: ['lat'] },
  },
  required: ['city', 'where'],
} as const;
expectTypeOf<JsonSchemaOutput<typeof schema>>().toEqualTypeOf<{
  city: string;
  days?: number;
  unit?: 'C' | 'F';
  tags?: string[];
  where: { lat: number };
}>();
const weather = agentTool({
  description: 'Tells the weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute(args, { signal }) {
    expectTypeOf(args).toEqualTypeOf<{ city: string }>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    return args.city;
  },
});
const parsed = agentTool({
  description: 'Adds',
  parse: (value: unknown): [number, number] => [Number(value), 0],
  execute: ([a, b]) => a + b,
});
useAgentStream({ url: '/a', tools: { weather, parsed } });

// Interrupts: told apart by reason, answered with what belongs to it.
interface Questions {
  approval: JsonSchemaOutput<{
    readonly type: 'object';
    readonly properties: { readonly approved: { readonly type: 'boolean' } };
    readonly required: readonly ['approved'];
  }>;
  seat: string;
}
const { interrupts, respond } = useAgentStream<unknown, Questions>({ url: '/a' });
for (const interrupt of interrupts) {
  void respond(interrupt.id, { status: 'cancelled' });
  if (interrupt.reason === 'approval') {
    void respond(interrupt.id, { status: 'resolved', payload: { approved: true } });
    // @ts-expect-error not the payload of an approval
    void respond(interrupt.id, { status: 'resolved', payload: 'yes' });
  } else {
    void respond(interrupt.id, { status: 'resolved', payload: '12A' });
    // @ts-expect-error a resolved interrupt needs its payload
    void respond(interrupt.id, { status: 'resolved' });
  }
}
void respond('any id', { status: 'resolved', payload: { anything: 1 } });
