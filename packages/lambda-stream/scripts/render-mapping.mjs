/**
 * Renders docs/bedrock-mapping.md from the fixtures, so that the table and the code cannot drift apart.
 *
 *   node packages/lambda-stream/scripts/render-mapping.mjs
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const PAGE = new URL('../../../docs/bedrock-mapping.md', import.meta.url);

const SOURCES = [
  ['invoke-agent', '`invokeAgent`', 'API_agent-runtime_ResponseStream.html'],
  [
    'invoke-inline-agent',
    '`invokeInlineAgent`',
    'API_agent-runtime_InlineAgentResponseStream.html',
  ],
  ['invoke-flow', '`invokeFlow`', 'API_agent-runtime_FlowResponseStream.html'],
  [
    'retrieve-and-generate',
    '`retrieveAndGenerate`',
    'API_agent-runtime_RetrieveAndGenerateStreamResponseOutput.html',
  ],
  ['agentic-retrieve', '`agenticRetrieve`'],
  ['converse', '`converse`', 'API_runtime_ConverseStreamOutput.html'],
  ['invoke-harness', '`invokeHarness`'],
  ['invoke-agent-runtime', '`invokeAgentRuntime`'],
];

/** Returns the text of the page. */
export function renderMapping() {
  const sections = SOURCES.map(([source, title, reference]) => {
    const link =
      reference === undefined
        ? ''
        : `Members: [API reference](https://docs.aws.amazon.com/bedrock/latest/APIReference/${reference}).\n\n`;
    const rows = readdirSync(new URL(`${source}/`, FIXTURES))
      .sort()
      .map((file) => row(source, file));
    return `## ${title}\n\n${link}| member | becomes | |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

const INTRODUCTION = `# What each Bedrock stream member becomes

Generated from \`packages/lambda-stream/fixtures/\` by \`node packages/lambda-stream/scripts/render-mapping.mjs\`; a test fails
when it is out of date. Each row links the fixture: the frames as they are on the wire, and the events that the real SDK
client and the source make of them over HTTP/1.1 and HTTP/2.

Every run begins with RUN_STARTED and, when the answer is complete, ends with RUN_FINISHED; neither is repeated below unless
RUN_FINISHED carries something. A row with an error code yields what is listed and then throws \`AgentStreamError\` with that
code; the handler turns it into RUN_ERROR. Event names are those of [AG-UI 1.0](https://ag-ui.com/spec/1.0/schema.json);
\`magi.*\` are the names of \`CUSTOM\` events.
`;

function row(source, file) {
  const fixture = JSON.parse(readFileSync(new URL(`${source}/${file}`, FIXTURES), 'utf8'));
  const href = `../packages/lambda-stream/fixtures/${source}/${file}`;
  const becomes = [...summarize(fixture.events), ...outcome(fixture)].join(', ') || 'nothing';
  const options =
    fixture.options === undefined ? '' : ` with \`${JSON.stringify(fixture.options)}\``;
  return `| [${escapeCell(fixture.member)}](${href})${options} | ${becomes} | ${escapeCell(fixture.note ?? '')} |`;
}

/** The names of the events in order, repetitions counted. */
function summarize(events) {
  const groups = [];
  for (const event of events) {
    if (event.type === 'RUN_STARTED' || event.type === 'RUN_FINISHED') continue;
    const name = event.type === 'CUSTOM' ? `\`${event.name}\`` : event.type;
    const last = groups.at(-1);
    if (last?.name === name) last.count += 1;
    else groups.push({ name, count: 1 });
  }
  return groups.map(({ name, count }) => (count === 1 ? name : `${name} ×${count}`));
}

function outcome({ events, error }) {
  if (error !== undefined) {
    return [`**\`${error.code}\`**${error.retryable === true ? ' (retryable)' : ''}`];
  }
  const { outcome: ended, result, usage } = events.at(-1) ?? {};
  const carried = [
    ended !== undefined &&
      `outcome ${ended.type}${ended.interrupts ? ` ×${ended.interrupts.length}` : ''}`,
    usage !== undefined && 'usage',
    result !== undefined && `result ${Object.keys(result).join(' ')}`,
  ].filter(Boolean);
  return carried.length === 0 ? [] : [`RUN_FINISHED (${carried.join('; ')})`];
}

function escapeCell(text) {
  return text
    .replaceAll('|', '\\|')
    .replaceAll('[', '\\[')
    .replaceAll(']', '\\]')
    .replaceAll('$', '\\$');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(PAGE, renderMapping());
}
