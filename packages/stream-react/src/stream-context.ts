import { createContext } from 'react';
import type { UpdatePriority } from './agent-stream-types';
import type { Thread } from './thread';

/** What an `AgentStreamProvider` hands down. It never changes while an answer streams. */
export interface StreamContextValue {
  readonly thread: Thread;
  readonly updates: UpdatePriority;
}

export const StreamContext = createContext<StreamContextValue | undefined>(undefined);
