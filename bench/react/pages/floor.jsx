// The bare floor: a parser, JSON.parse and one setState per 16 ms. No error handling, no types, nothing else.
import { createParser } from 'eventsource-parser';
import { useState } from 'react';
import { expose, Message, useCommits } from './harness';

const INTERVAL_MS = 16;

expose(function Chat({ endpoint, history, onCommit }) {
  const [messages, setMessages] = useState(history);
  const [isDone, setDone] = useState(false);
  async function ask() {
    const asked = [...history, { id: 'u', role: 'user', text: 'go' }];
    setMessages(asked);
    let text = '';
    let timer;
    const publish = () => {
      timer = undefined;
      setMessages([...asked, { id: 'a', role: 'assistant', text }]);
    };
    const parser = createParser({
      onEvent({ data }) {
        const event = JSON.parse(data);
        if (event.type === 'TEXT_MESSAGE_CONTENT') {
          text += event.delta;
          timer ??= setTimeout(publish, INTERVAL_MS);
        }
      },
    });
    const response = await fetch(endpoint('ag-ui'), { method: 'POST', body: '{}' });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parser.feed(decoder.decode(value, { stream: true }));
    }
    clearTimeout(timer);
    publish();
    setDone(true);
  }
  useCommits(onCommit, { text: isDone ? messages.at(-1).text : '', isDone, ask });
  return messages.map((message) => (
    <Message key={message.id} role={message.role} text={message.text} />
  ));
});
