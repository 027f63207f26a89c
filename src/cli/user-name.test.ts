import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { userName } from './user-name.ts';

it('of a process is its user’s, or a number where the system knows no name', () => {
  expect(userName()).toBe(userInfo().username);
  const nameless = (): never => {
    throw Object.assign(new Error('ENOENT: no such file or directory, uv_os_get_passwd'), { code: 'ENOENT' });
  };
  expect(userName(nameless)).toBe(`uid ${process.getuid?.() ?? ''}`);
});
