/**
 * What opens the service. A typed key stays in this tab's session storage. What a one-time link was exchanged for is
 * all tabs': it is no key, and worth nothing when the service has ended. Both travel in a header, never in an address.
 */
const keyName = 'multiboard-sync-key';
const passName = 'multiboard-sync-pass';
const linkStart = '#open=';

export const storedPass = (): string | null =>
  sessionStorage.getItem(keyName) ?? localStorage.getItem(passName);

export function keepKey(key: string): void {
  sessionStorage.setItem(keyName, key);
}

export function keepPass(pass: string): void {
  localStorage.setItem(passName, pass);
}

/** The service knows no pass of the process before it. */
export function forgetPasses(): void {
  localStorage.removeItem(passName);
  sessionStorage.removeItem(keyName);
}

export const isLink = (): boolean => location.hash.startsWith(linkStart);

/** The code of a one-time link, which goes from the address before anything else is done; null where there is none. */
export function takeLinkCode(): string | null {
  if (!isLink()) return null;
  const code = location.hash.slice(linkStart.length);
  history.replaceState(null, '', location.pathname + location.search);
  return code;
}
