import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import type { Channel } from '../../src/notices/channel.ts';
import { testNotice } from '../../src/notices/notice.ts';
import type { Notice } from '../../src/notices/notice.ts';
import { createNotices } from '../../src/notices/notices.ts';
import { send } from '../../src/notices/send.ts';
import { mailReceiver, signs, webReceiver } from './receivers.ts';

const now = 1_800_000_000_500;
const all = { events: null, environments: null };
const key = 'a-secret-of-the-channel';
const notice: Notice = {
  ...testNotice('ops', now, { publicUrl: 'https://sync.example.org/' }),
  title: 'Failed: sync production → staging',
  lines: ['<b> & co.'],
};
const webhook = (url: string): Channel => ({
  ...all,
  name: 'ops',
  type: 'webhook',
  url: new Secret(url),
  secret: new Secret(key),
});
const email = (smtp: string): Channel => ({
  ...all,
  name: 'mail',
  type: 'email',
  to: ['ada@example.org', 'bob@example.org'],
  from: 'sync@example.org',
  smtp: new Secret(smtp),
});

describe('a webhook', () => {
  it('gets what happened, signed with its time', async () => {
    const { url, received } = await webReceiver();
    await send(webhook(url), notice, { now });
    const [one] = received;
    expect(JSON.parse(one!.body)).toMatchObject({ version: 1, event: 'test', title: notice.title });
    expect(one!.headers['x-multiboard-sync-timestamp']).toBe('1800000000');
    expect([signs(one!, key), signs(one!, `${key}x`), signs({ ...one!, body: '{}' }, key)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is the address of the configuration and no other', async () => {
    const elsewhere = await webReceiver();
    for (const status of [301, 302, 307, 308]) {
      const { url } = await webReceiver(() => ({ status, headers: { location: elsewhere.url } }));
      await expect(send(webhook(url), notice, { now })).rejects.toMatchObject({
        again: false,
        message: `it leads elsewhere (HTTP ${status}), which is not followed`,
      });
    }
    expect(elsewhere.received).toEqual([]);
  });

  it.each([
    [500, true],
    [503, true],
    [429, true],
    [408, true],
    [404, false],
    [401, false],
  ] as const)('that answers %s is tried again: %s', async (status, again) => {
    const { url } = await webReceiver(() => ({ status }));
    await expect(send(webhook(url), notice, { now })).rejects.toMatchObject({
      again,
      message: `HTTP ${status}`,
    });
  });

  it('that says nothing, or is not there, is given up soon', async () => {
    const { url } = await webReceiver(() => null);
    await expect(send(webhook(url), notice, { now, answerMs: 150 })).rejects.toMatchObject({ again: true });
    await expect(send(webhook('http://127.0.0.1:1/x'), notice, { now })).rejects.toMatchObject({
      again: true,
    });
  });
});

describe('Slack', () => {
  it('gets a text with its own signs made plain', async () => {
    const { url, received } = await webReceiver();
    await send({ ...all, name: 'team', type: 'slack', url: new Secret(url) }, notice, { now });
    expect(JSON.parse(received[0]!.body)).toEqual({
      text: '*Failed: sync production → staging*\n&lt;b&gt; &amp; co.\n<https://sync.example.org/>',
    });
  });
});

describe('e-mail', () => {
  it('goes to its receivers', async () => {
    const { url, mails, commands } = await mailReceiver();
    await send(email(url), notice, { now });
    expect(commands.filter((line) => line.startsWith('RCPT'))).toEqual([
      'RCPT TO:<ada@example.org>',
      'RCPT TO:<bob@example.org>',
    ]);
    expect(mails[0]).toContain('From: sync@example.org');
    expect(mails[0]).toContain('https://sync.example.org/');
  });

  it('gives no password to a server without TLS', async () => {
    const { url, commands } = await mailReceiver();
    const withPassword = url.replace('smtp://', 'smtp://me:S3CR3T@');
    await expect(send(email(withPassword), notice, { now })).rejects.toMatchObject({ name: 'Error' });
    expect(commands.some((line) => line.startsWith('AUTH'))).toBe(false);
  });

  it('that the server refuses for good is not tried again', async () => {
    const { url } = await mailReceiver(true);
    await expect(send(email(url), notice, { now })).rejects.toMatchObject({ again: false });
  });
});

describe('a test of a channel', () => {
  const notices = (channel: Channel): ReturnType<typeof createNotices> =>
    createNotices({ notices: { channels: [channel], stallMinutes: 15, publicUrl: null } }, () => now);

  it('sends a message', async () => {
    const { url, received } = await webReceiver();
    expect(await notices(webhook(url)).test('ops')).toMatchObject({ name: 'ops', type: 'webhook' });
    expect(received).toHaveLength(1);
  });

  it('says what is wrong without the address', async () => {
    const { url } = await webReceiver(() => ({ status: 403 }));
    await expect(notices(webhook(`${url}?token=S3CR3T`)).test('ops')).rejects.toMatchObject({
      code: 'NOTICE_UNDELIVERED',
      message: 'The channel "ops" did not take the message: HTTP 403.',
    });
    await expect(notices(webhook(url)).test('nobody')).rejects.toMatchObject({ code: 'USAGE_NOT_FOUND' });
  });
});
