import { userInfo } from 'node:os';

/** Who runs this process; its number where the system has no name for it, as for a `--user` of a container. */
export function userName(read: typeof userInfo = userInfo): string {
  try {
    return read().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
