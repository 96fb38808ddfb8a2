'use client';

import type { ChatMessage, ToolCallView, TraceStepView } from '@magi/stream-client';
import { contentText } from '@magi/stream-protocol';
import { prettyJson } from '../lib/pretty-json';
import { usePreferences } from './preferences-provider';

function Detail({ title, text }: { title: string; text: string }) {
  return (
    <details>
      <summary>{title}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
      <pre tabIndex={0}>{text}</pre>
    </details>
  );
}

function CallDetails({ call }: { call: ToolCallView }) {
  const { t } = usePreferences();
  return (
    <>
      {call.argumentsText !== '' && (
        <Detail title={t.arguments} text={prettyJson(call.argumentsText)} />
      )}
      {call.result !== undefined && (
        <Detail title={t.result} text={prettyJson(contentText(call.result))} />
      )}
    </>
  );
}

function StepEntry({ step, call }: { step: TraceStepView; call: ToolCallView | undefined }) {
  const { t } = usePreferences();
  const { kind, label, status, durationMs, detail } = step;
  return (
    <li data-status={status} data-kind={call ? 'tool-call' : kind}>
      <div className="label">{t.traceKinds[kind] ?? label}</div>
      <div className="meta">
        <span>{call ? `${t.toolCall} · ${call.name}` : kind}</span>
        {durationMs !== undefined && <span>{Math.round(durationMs)} ms</span>}
      </div>
      {call && <CallDetails call={call} />}
      {detail !== undefined && Object.keys(Object(detail)).length > 0 && (
        <Detail title={t.detail} text={JSON.stringify(detail, null, 2)} />
      )}
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
  const calls = new Map(
    props.messages.flatMap(({ toolCalls }) => toolCalls).map((call) => [call.id, call]),
  );
  if (steps.length === 0) return <p className="empty">{t.traceEmpty}</p>;
  return (
    <ol className="timeline">
      {steps.map((step) => (
        <StepEntry key={step.id} step={step} call={calls.get(step.id)} />
      ))}
    </ol>
  );
}
