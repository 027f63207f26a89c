import { describe, expect, it } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { checkSameMachine, isLoopback, refuseOpenDoor } from './same-machine.ts';

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', 'localhost', '::1'])('takes %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', 'localhost.example.org', '127.1', ''])(
    'does not take %s',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

describe('refuseOpenDoor', () => {
  it('lets a service with a key listen anywhere, and one without on loopback', () => {
    refuseOpenDoor('0.0.0.0', new Secret('0123456789abcdef'));
    for (const host of ['127.0.0.1', '::1', 'localhost']) {
      refuseOpenDoor(host, null);
      refuseOpenDoor(host, new Secret('short'));
    }
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.org', '127.1', '::ffff:127.0.0.1'])(
    'refuses %s without a key, and with one that is soon tried out',
    (host) => {
      for (const key of [null, '', 'x', '0123456789abcde']) {
        expect(() => {
          refuseOpenDoor(host, key === null ? null : new Secret(key));
        }).toThrow(
          expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('API_KEY') }),
        );
      }
    },
  );
});

describe('checkSameMachine', () => {
  it.each([
    { host: 'localhost:8080' },
    { host: '127.0.0.1' },
    { host: '[::1]:80' },
    { host: 'LOCALHOST:1', origin: 'http://LOCALHOST:1' },
    { host: 'localhost:1', origin: 'http://localhost:1', 'sec-fetch-site': 'same-origin' },
    { host: 'localhost:1', 'sec-fetch-site': 'none' },
  ])('serves %j', (headers) => {
    checkSameMachine(headers);
  });

  it.each([
    {},
    { host: '' },
    { host: 'rebound.example.org:8080' },
    { host: 'localhost@rebound.example.org' },
    { host: 'rebound.example.org/127.0.0.1' },
    { host: '192.168.0.7:8080' },
    { host: 'localhost:1', origin: 'http://example.org' },
    { host: 'localhost:1', origin: 'http://localhost:2' },
    { host: 'localhost:1', origin: 'null' },
    { host: 'localhost:1', 'sec-fetch-site': 'cross-site' },
    { host: 'localhost:1', 'sec-fetch-site': 'same-site' },
  ])('refuses %j', (headers) => {
    expect(() => {
      checkSameMachine(headers);
    }).toThrow(expect.objectContaining({ code: 'AUTH_ORIGIN_REFUSED' }));
  });
});
