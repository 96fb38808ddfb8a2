import { DefaultChatTransport } from 'ai-6';
import { useChat } from 'ai-sdk-react-3';
import { useState } from 'react';
import { expose, Message, useCommits } from './harness';

const textOf = ({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

expose(function Chat({ endpoint, history, onCommit }) {
  const [transport] = useState(() => new DefaultChatTransport({ api: endpoint('ai-sdk') }));
  const { messages, status, sendMessage } = useChat({
    transport,
    messages: history.map(({ id, role, text }) => ({ id, role, parts: [{ type: 'text', text }] })),
  });
  const last = messages.at(-1);
  const text = last?.role === 'assistant' && !last.id.startsWith('h') ? textOf(last) : '';
  useCommits(onCommit, {
    text,
    isDone: status === 'ready',
    ask: () => void sendMessage({ text: 'go' }),
  });
  return messages.map((message) => (
    <Message key={message.id} role={message.role} text={textOf(message)} />
  ));
});
