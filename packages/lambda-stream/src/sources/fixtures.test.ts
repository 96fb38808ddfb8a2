import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentStreamError } from '../agent-stream-error';
import type { Bedrock, StartBedrockOptions } from '../testing';
import { startBedrock } from '../testing';
import type { Fixture } from './run-fixture.fixture';
import { createClients, readFixtures, SOURCES, withStableIds } from './run-fixture.fixture';
import { checkEvents, collectRun } from './verify-run.fixture';

const fixtures = readFixtures();
const isUpdate = process.env.MAGI_UPDATE_FIXTURES === '1';

describe.each(['1.1', '2.0'] as const)(
  'each member over HTTP/%s becomes its events:',
  (transport) => {
    let server: Bedrock | undefined;
    let serving: Fixture | undefined;
    // One server for all: what it answers with is the fixture of the test that runs.
    const scripted = (): StartBedrockOptions =>
      serving === undefined
        ? {}
        : SOURCES[serving.source].serve(serving.frames, serving.contentType);
    beforeAll(async () => {
      const any = { '*': () => [] };
      const options: StartBedrockOptions = {
        agents: any,
        inlineAgent: () => [],
        flows: any,
        knowledgeBases: any,
        models: any,
        harnesses: any,
        runtimes: any,
      };
      for (const name of Object.keys(options)) {
        Object.defineProperty(options, name, {
          get: () => scripted()[name as keyof StartBedrockOptions],
          enumerable: true,
        });
      }
      server = await startBedrock(options);
    });
    afterAll(() => server?.close());

    it.each(fixtures.map((fixture) => [fixture.source, fixture.name, fixture] as const))(
      '%s %s',
      async (_source, _name, fixture) => {
        if (server === undefined) throw new Error('No server');
        serving = fixture;
        const clients = createClients(server, transport);
        const source = SOURCES[fixture.source];
        const { events, error } = await collectRun(
          source.call(clients, { modelNotReadyRetries: 0, ...fixture.options }),
        );
        await checkEvents(events);
        const failure = error as AgentStreamError | undefined;
        const seen = withStableIds({
          events,
          ...(failure !== undefined && {
            error: { code: failure.code, retryable: failure.retryable },
          }),
        });
        if (isUpdate && transport === '2.0') write(fixture, seen);
        else
          expect(seen).toEqual({
            events: fixture.events,
            ...(fixture.error && { error: fixture.error }),
          });
      },
    );
  },
);

// What an AgentCore runtime sends is passed on as it is.
const asking = fixtures.filter(
  ({ source, events }) =>
    source !== 'invoke-agent-runtime' && /"type":"interrupt"/.test(JSON.stringify(events)),
);

// By that `lastUserText` tells a question that was asked already from a new one.
it.each(asking.map(({ source, name, events }) => [source, name, events] as const))(
  '%s %s says or calls something before it asks',
  (_source, _name, events) => {
    const said = events.filter(({ type }) => /^TEXT_MESSAGE_CONTENT|^TOOL_CALL_END/.test(type));
    expect(said).not.toEqual([]);
  },
);

function write(fixture: Fixture, seen: object): void {
  const { source, name, events: _events, error: _error, ...input } = fixture;
  const file = new URL(`../../fixtures/${source}/${name}.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify({ ...input, ...seen }, null, 2)}\n`);
}
