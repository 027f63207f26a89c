import { createContext, useCallback, useContext, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';

/** Between two sentences that are no news, for who listens. */
const quietMs = 30_000;

/** `news`: something that one waits for; everything else is said at most every 30 s. */
type Say = (sentence: string, kind: 'news' | 'course') => void;

const Voice = createContext<Say>(() => {});

export const useVoice = (): Say => useContext(Voice);

/** The one place of the page that speaks by itself to screen readers. */
export function LiveRegion({ children }: { readonly children: ReactNode }): ReactNode {
  const [said, setSaid] = useState('');
  const lastAt = useRef(0);
  const say = useCallback<Say>((sentence, kind) => {
    const now = Date.now();
    if (kind === 'course' && now - lastAt.current < quietMs) return;
    lastAt.current = now;
    setSaid(sentence);
  }, []);
  return (
    <Voice value={useMemo(() => say, [say])}>
      {children}
      <p role="status" aria-live="polite" className="sr-only" data-voice="">
        {said}
      </p>
    </Voice>
  );
}
