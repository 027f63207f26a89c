import { QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { ComponentType, ReactNode } from 'react';
import { Route, Router, Switch, useLocation } from 'wouter';
import type { PageAddress } from '../src/http/page-addresses.ts';
import { call, Problem, serviceUrl } from './api/client.ts';
import { isLink, keepPass, storedPass, takeLinkCode } from './api/pass.ts';
import { createClient, queries } from './api/queries.ts';
import { Dumps } from './pages/dumps.tsx';
import { Environments } from './pages/environments.tsx';
import { History } from './pages/history.tsx';
import { Home } from './pages/home.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Run } from './pages/run.tsx';
import { Schedules } from './pages/schedules.tsx';
import { Search } from './pages/search.tsx';
import { Settings } from './pages/settings.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Sync } from './pages/sync.tsx';
import { Tools } from './pages/tools.tsx';
import { Failure, Loading } from './ui/basics.tsx';
import { LiveRegion } from './ui/live-region.tsx';
import { NowProvider } from './ui/now.tsx';
import { Shell } from './ui/shell.tsx';

const Docs = lazy(async () => ({ default: (await import('./pages/docs.tsx')).Docs }));

/** Each address that the service answers with this page; one without an entry does not compile. */
const pages: Readonly<Record<PageAddress, ComponentType>> = {
  '/': Home,
  '/sync': Sync,
  '/runs': History,
  '/runs/:id': Run,
  '/dumps': Dumps,
  '/environments': Environments,
  '/search': Search,
  '/schedules': Schedules,
  '/settings': Settings,
  '/tools': Tools,
  '/docs': Docs,
};

/** What is shown to whoever comes without a key as well. */
const open = new Set<string>(['/docs']);

const base = new URL(serviceUrl).pathname.replace(/\/$/, '');

export function App(): ReactNode {
  // Whoever comes without a key need not ask to be told so.
  const [closed, setClosed] = useState(() => storedPass() === null);
  const [client] = useState(() =>
    createClient(() => {
      setClosed(true);
    }),
  );
  return (
    <QueryClientProvider client={client}>
      <NowProvider>
        <LiveRegion>
          <Router base={base}>
            <Shell>
              <Gate closed={closed} setClosed={setClosed} />
            </Shell>
          </Router>
        </LiveRegion>
      </NowProvider>
    </QueryClientProvider>
  );
}

interface GateProps {
  /** There is no key, or the service does not know it (any more). */
  readonly closed: boolean;
  readonly setClosed: (closed: boolean) => void;
}

/** Lets in who has a key, or comes by a one-time link. */
function Gate({ closed, setClosed }: GateProps): ReactNode {
  const [path] = useLocation();
  const client = useQueryClient();
  const { entering, refusedLink } = useLink(setClosed);
  const environments = useQuery({ ...queries.environments(), enabled: !entering && !closed });
  if (open.has(path)) return <Pages />;
  if (entering) return <Loading />;
  if (closed) {
    const enter = (): void => {
      void client.resetQueries();
      setClosed(false);
    };
    return <SignIn refused={refusedLink} enter={enter} />;
  }
  if (environments.isPending) return <Loading />;
  if (environments.data === undefined) return <Failure error={environments.error} />;
  return <Pages />;
}

/** Exchanges the code of a one-time link in the address for a pass. */
function useLink(setClosed: (closed: boolean) => void): {
  readonly entering: boolean;
  readonly refusedLink: Problem | null;
} {
  const client = useQueryClient();
  const [entering, setEntering] = useState(isLink());
  const [refusedLink, setRefusedLink] = useState<Problem | null>(null);
  useEffect(() => {
    const enter = (): void => {
      const code = takeLinkCode();
      if (code === null) return;
      setEntering(true);
      setRefusedLink(null);
      call('POST /api/session', { body: { code } })
        .then(({ token }) => {
          keepPass(token);
          setClosed(false);
          return client.resetQueries();
        })
        .catch((error: unknown) => {
          // Who is in already stays in.
          if (error instanceof Problem) setRefusedLink(error);
        })
        .finally(() => {
          setEntering(false);
        });
    };
    enter();
    // A link that is put into the address of an open tab.
    addEventListener('hashchange', enter);
    return () => {
      removeEventListener('hashchange', enter);
    };
  }, [client, setClosed]);
  return { entering, refusedLink };
}

function Pages(): ReactNode {
  useFocusOnChange();
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        {Object.entries(pages).map(([path, page]) => (
          <Route key={path} path={path} component={page} />
        ))}
        <Route component={NotFound} />
      </Switch>
    </Suspense>
  );
}

/** On another page the focus goes where the eye goes: to its heading. */
function useFocusOnChange(): void {
  const [path] = useLocation();
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [path]);
}
