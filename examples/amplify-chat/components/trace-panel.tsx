'use client';

import type { ChatMessage, ToolCallView, TraceStepView } from '@magi/stream-client';
import { contentText } from '@magi/stream-protocol';
import { usePreferences } from './preferences-provider';

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    // A tool's text is usually JSON, not always: then it is shown as it came.
    return json;
  }
}

function Detail({ title, text }: { title: string; text: string }) {
  return (
    <details>
      <summary>{title}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
      <pre tabIndex={0}>{text}</pre>
    </details>
  );
}

function ToolCallEntry({ call }: { call: ToolCallView }) {
  const { t } = usePreferences();
  const status =
    call.state === 'failed' ? 'failed' : call.state === 'answered' ? 'finished' : 'started';
  return (
    <li data-status={status} data-kind="tool-call">
      <div className="label">
        {t.toolCall} <code>{call.name}</code>
      </div>
      {call.argumentsText !== '' && (
        <Detail title={t.arguments} text={pretty(call.argumentsText)} />
      )}
      {call.result !== undefined && (
        <Detail title={t.result} text={pretty(contentText(call.result))} />
      )}
    </li>
  );
}

function StepEntry({ step }: { step: TraceStepView }) {
  const { kind, label, status, durationMs, detail } = step;
  return (
    <li data-status={status} data-kind={kind}>
      <div className="label">{label}</div>
      <div className="meta">
        <span>{kind}</span>
        {durationMs !== undefined && <span>{Math.round(durationMs)} ms</span>}
      </div>
      {detail !== undefined && <Detail title="JSON" text={JSON.stringify(detail, null, 2)} />}
    </li>
  );
}

/** The agent's steps of one run, in order, with what each tool was asked and what it answered. */
export function TracePanel(props: {
  runId: string | undefined;
  trace: readonly TraceStepView[];
  messages: readonly ChatMessage[];
}) {
  const { t } = usePreferences();
  const steps = props.trace.filter(({ runId }) => runId === props.runId);
  const calls = props.messages
    .filter(({ runId }) => runId === props.runId)
    .flatMap(({ toolCalls }) => toolCalls);
  if (steps.length === 0 && calls.length === 0) return <p className="empty">{t.traceEmpty}</p>;
  return (
    <ol className="timeline">
      {steps.map((step) => (
        <StepEntry key={step.id} step={step} />
      ))}
      {calls.map((call) => (
        <ToolCallEntry key={call.id} call={call} />
      ))}
    </ol>
  );
}
