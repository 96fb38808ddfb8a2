import { createAgentClient } from '@magi/stream-client';
import { beforeEach, describe, expect, test } from 'vitest';
import { persistence } from './persistence';
import { createFakeAgent } from './test/fake-agent';
import { until } from './test/mount';
import { free, keyOf, occupy, openTab, stored, texts, told, url, waits } from './test/tabs';

beforeEach(() => localStorage.clear());

describe('what is asked of a thread', () => {
  test('is sent in the order it was asked for, also after it has waited for another tab', async () => {
    const agent = createFakeAgent();
    const leave = await occupy('in-turn');
    const tab = openTab(agent, 'in-turn');
    const sent = [tab.send('1'), tab.send('2')];
    await waits('in-turn');
    leave();
    const first = await agent.request(0);
    sent.push(tab.send('3'));
    first.reply('a');
    (await agent.request(1)).reply('b');
    const third = await agent.request(2);
    expect(told(third)).toEqual(['1', 'a', '2', 'b', '3']);
    third.reply('c');
    await Promise.all(sent);
  });

  test('is not overtaken by what a listener asks while another turn is read', async () => {
    const agent = createFakeAgent();
    const before = openTab(agent, 'listener');
    const sent = before.send('1');
    (await agent.request(0)).reply('a');
    await sent;
    const text = stored('listener');
    localStorage.clear();
    const tab = openTab(agent, 'listener');
    localStorage.setItem(keyOf('listener'), text);
    const end = tab.subscribe(() => {
      end();
      void tab.send('3');
    });
    void tab.send('2');
    expect(told(await agent.request(1)).at(-1)).toBe('2');
    tab.dispose();
  });

  test.each([{ policy: 'drop' as const }, undefined])(
    'is dropped with the policy "drop" while another tab runs the thread (%o)',
    async (options) => {
      const agent = createFakeAgent();
      const threadId = `drop-${!options}`;
      const leave = await occupy(threadId);
      const tab = openTab(agent, threadId, {}, options ? {} : { sendPolicy: 'drop' });
      expect((await tab.send('question', options)).status).toBe('dropped');
      leave();
      const sent = tab.send('again', { policy: 'queue' });
      expect(told(await agent.request(0))).toEqual(['again']);
      tab.stop();
      await sent;
    },
  );

  test('with the policy "interrupt" takes the place of what waits in its tab', async () => {
    const agent = createFakeAgent();
    const leave = await occupy('interrupt');
    const tab = openTab(agent, 'interrupt');
    const first = tab.send('1');
    await waits('interrupt');
    const second = tab.send('2', { policy: 'interrupt' });
    expect((await first).status).toBe('dropped');
    leave();
    const request = await agent.request(0);
    expect(told(request)).toEqual(['2']);
    request.reply('a');
    await second;
  });
});

describe('clear()', () => {
  test.each([true, false])('takes back what waits in another tab (shown: %s)', async (isShown) => {
    const agent = createFakeAgent();
    const threadId = `clear-waiting-${isShown}`;
    const leave = await occupy(threadId);
    const one = openTab(agent, threadId);
    const client = createAgentClient({ url, fetch: agent.fetch });
    const two = isShown
      ? openTab(agent, threadId)
      : persistence({ storage: 'local' })({ client, threadId });
    const sent = two.send('question');
    await waits(threadId);
    one.clear();
    expect((await sent).status).toBe('dropped');
    leave();
    const next = two.send('next');
    expect(told(await agent.request(0))).toEqual(['next']);
    two.stop();
    await next;
  });

  test('leaves alone what another tab asks for when it was told', async () => {
    const agent = createFakeAgent();
    const [one, two] = [openTab(agent, 'clear-asked'), openTab(agent, 'clear-asked')];
    const sent = one.send('secret');
    (await agent.request(0)).start();
    await until(() => stored('clear-asked').includes('secret'));
    const asked = new Promise<string>((resolve) => {
      const end = one.subscribe(() => {
        if (texts(one).length) return;
        end();
        resolve(one.send('hello').then(({ status }) => status));
      });
    });
    two.clear();
    expect((await sent).status).toBe('cancelled');
    (await agent.request(1)).reply('1');
    expect(await asked).toBe('finished');
    await free('clear-asked');
    expect(stored('clear-asked')).toContain('hello');
    expect(texts(one)).toEqual(['hello', '1']);
  });
});
