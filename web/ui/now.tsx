import { createContext, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';

const Now = createContext(0);

/** What the page takes for now: one clock for all that is told as "3 h ago". */
export const useNow = (): number => useContext(Now);

export function NowProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return <Now value={now}>{children}</Now>;
}
