import { describe, expect, it } from 'vitest';
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
    refuseOpenDoor('0.0.0.0', true);
    refuseOpenDoor('127.0.0.1', false);
    expect(() => {
      refuseOpenDoor('0.0.0.0', false);
    }).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('API_KEY') }),
    );
  });
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
