import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { answerText, readEvents, terminalEvent } from '../support/agent-events';
import { runInput } from '../support/function-url-event';
import { asNpm, freePort, spawnDemo, startDemo, throughShell } from './start-demo';

/** Returns the processes whose environment carries a mark. Linux only: elsewhere `/proc` does not exist. */
function processesWith(mark: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
      } catch {
        // It ended between the listing and the look, or belongs to somebody else.
        return false;
      }
    });
}

describe('npm run demo', () => {
  it('says which port is taken, and exits with an error', async () => {
    const holder = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => holder.listen(port, () => resolve()));
    const { ended, output } = spawnDemo({ PORT: String(port) });
    await expect(ended).resolves.toBe(1);
    expect(output()).toContain(`Port ${port} is taken`);
    await new Promise((resolve) => holder.close(resolve));
  });

  it('names the variable that holds no port', async () => {
    const { ended, output } = spawnDemo({ PORT: 'three thousand' });
    await expect(ended).resolves.toBe(1);
    expect(output()).toContain('Set PORT to a port number');
  });

  it('names the local agent that it does not know', async () => {
    const { ended, output } = spawnDemo({ PORT: '0', LOCAL_AGENT: 'none' });
    await expect(ended).resolves.toBe(1);
    expect(output()).toContain('Set LOCAL_AGENT to one of "local-agent", "failing-agent"');
  });

  // What is left behind is read from /proc, which only Linux has.
  it.skipIf(process.platform !== 'linux').each(['SIGINT', 'SIGTERM'] as const)(
    'prints both addresses on lines of their own, and leaves no process after %s',
    async (signal) => {
      const mark = `MAGI_DEMO_TEST=${randomUUID()}`;
      const port = await freePort();
      const demo = await startDemo({ PORT: String(port), MAGI_DEMO_TEST: mark.slice(15) });
      expect(demo.pageUrl).toBe(`http://localhost:${port}/chat`);
      await expect(fetch(demo.pageUrl).then(({ status }) => status)).resolves.toBe(200);
      expect(processesWith(mark).length).toBeGreaterThanOrEqual(3);
      const ended = new Promise((resolve) => demo.process.once('exit', resolve));
      demo.process.kill(signal);
      await expect(ended).resolves.toBe(0);
      expect(processesWith(mark)).toEqual([]);
    },
    600_000,
  );

  it('asks its own agent, whatever the shell says of AWS', async () => {
    const demo = await startDemo({
      AWS_PROFILE: 'work',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
      AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME: 'http://127.0.0.1:9',
      AWS_USE_FIPS_ENDPOINT: 'true',
    });
    try {
      const response = await fetch(demo.functionUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(runInput('How does a run end?')),
      });
      const events = readEvents(await response.text());
      expect(terminalEvent(events).type).toBe('RUN_FINISHED');
      expect(answerText(events).length).toBeGreaterThan(100);
    } finally {
      await demo.stop();
    }
  });

  // As above: /proc tells which processes are left.
  it.skipIf(process.platform !== 'linux').each([
    ['the shell that npm runs it in', 'SIGTERM', throughShell],
    ['npm', 'SIGKILL', asNpm],
  ] as const)('ends with %s, by %s', async (_, signal, command) => {
    const mark = `MAGI_DEMO_TEST=${randomUUID()}`;
    const env = { MAGI_DEMO_TEST: mark.slice(15), npm_lifecycle_event: 'demo' };
    const demo = await startDemo(env, [...command]);
    expect(processesWith(mark).length).toBeGreaterThanOrEqual(4);
    demo.process.kill(signal);
    await expect.poll(() => processesWith(mark), { timeout: 30_000 }).toEqual([]);
  });

  // As above: /proc tells which processes are left.
  it.skipIf(process.platform !== 'linux')(
    'ends with an error when one of its parts dies',
    async () => {
      const mark = `MAGI_DEMO_TEST=${randomUUID()}`;
      const demo = await startDemo({ MAGI_DEMO_TEST: mark.slice(15) });
      const ended = new Promise((resolve) => demo.process.once('exit', resolve));
      const server = processesWith(mark).find((pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('serve.mjs'),
      );
      process.kill(Number(server), 'SIGKILL');
      await expect(ended).resolves.toBe(1);
      expect(demo.output()).toContain('The function URL ended unexpectedly');
      expect(processesWith(mark)).toEqual([]);
    },
  );
});
