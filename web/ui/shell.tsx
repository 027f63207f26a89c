import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { queries } from '../api/queries.ts';
import { Shortcuts } from './shortcuts.tsx';

interface Place {
  readonly path: string;
  readonly word: string;
  readonly sign: string;
  /** In the bar at the bottom of a phone; the others are behind "More". */
  readonly thumb?: true;
}

const places: readonly Place[] = [
  {
    path: '/',
    word: 'Home',
    sign: 'M3 10.5 12 3l9 7.5V20a1 1 0 0 1-1 1h-5v-6H9v6H4a1 1 0 0 1-1-1z',
    thumb: true,
  },
  { path: '/sync', word: 'Sync', sign: 'M4 8h14l-4-4M20 16H6l4 4', thumb: true },
  { path: '/runs', word: 'Runs', sign: 'M4 6h16M4 12h16M4 18h10', thumb: true },
  {
    path: '/dumps',
    word: 'Dumps',
    sign: 'M4 5c0-1 3.6-2 8-2s8 1 8 2-3.6 2-8 2-8-1-8-2Zm0 0v14c0 1 3.6 2 8 2s8-1 8-2V5M4 12c0 1 3.6 2 8 2s8-1 8-2',
    thumb: true,
  },
  { path: '/environments', word: 'Environments', sign: 'M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01' },
  { path: '/search', word: 'Search', sign: 'm20 20-4.5-4.5M11 17a6 6 0 1 1 0-12 6 6 0 0 1 0 12Z' },
  { path: '/schedules', word: 'Schedules', sign: 'M12 7v5l3 2M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18Z' },
  { path: '/settings', word: 'Settings', sign: 'M6 10a6 6 0 0 1 12 0v4l2 3H4l2-3zM10 20h4' },
  { path: '/tools', word: 'Tools', sign: 'M5 7h10M19 7h.01M5 17h.01M9 17h10M15 4v6M9 14v6' },
  { path: '/docs', word: 'API', sign: 'm8 8-4 4 4 4M16 8l4 4-4 4M13.5 5l-3 14' },
];

const isAt = (path: string, here: string): boolean =>
  path === '/' ? here === '/' : here === path || here.startsWith(`${path}/`);

/** What stands around every page: the way about, at the side on a desk, under the thumb on a phone. */
export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  const [here] = useLocation();
  const { data } = useQuery(queries.health());
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="button main sr-only focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-50"
      >
        To the content
      </a>
      <header className="border-line bg-card sticky top-0 flex h-dvh w-56 shrink-0 flex-col border-r px-3 py-5 max-md:hidden">
        <Link
          href="/"
          className="text-ink mb-6 flex items-center gap-2.5 px-2 font-semibold no-underline hover:no-underline"
        >
          <Mark />
          Multiboard Sync
        </Link>
        <nav aria-label="Pages" className="flex flex-col gap-0.5">
          {places.map((place) => (
            <Link
              key={place.path}
              href={place.path}
              aria-current={isAt(place.path, here) ? 'page' : undefined}
              className="text-soft hover:bg-sunk hover:text-ink aria-[current=page]:bg-accent-tint aria-[current=page]:text-accent flex min-h-9 items-center gap-3 rounded-lg px-2.5 text-sm font-medium no-underline hover:no-underline"
            >
              <Sign path={place.sign} />
              {place.word}
            </Link>
          ))}
        </nav>
        <p className="text-soft mt-auto px-2 text-xs">
          {data === undefined ? '' : `Version ${data.version}`}
          <br />
          Press <kbd className="border-line rounded border px-1 font-mono">?</kbd> for keys
        </p>
      </header>
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="border-line bg-card flex items-center gap-2.5 border-b px-4 py-3 font-semibold md:hidden">
          <Mark />
          Multiboard Sync
        </header>
        <main id="main" className="mx-auto w-full max-w-6xl flex-1 px-4 py-6 pb-28 sm:px-8 md:py-9">
          {children}
        </main>
      </div>
      <ThumbBar here={here} />
      <Shortcuts />
    </div>
  );
}

function ThumbBar({ here }: { readonly here: string }): ReactNode {
  const [more, setMore] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    setMore(false);
  }, [here]);
  const look =
    'text-soft aria-[current=page]:text-accent flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs font-medium no-underline';
  return (
    <nav
      aria-label="Pages"
      className="border-line bg-card fixed inset-x-0 bottom-0 z-30 border-t pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {more && (
        <div className="border-line grid grid-cols-2 border-b">
          {places
            .filter(({ thumb }) => thumb !== true)
            .map(({ path, word, sign }) => (
              <Link
                key={path}
                href={path}
                className={look}
                aria-current={isAt(path, here) ? 'page' : undefined}
              >
                <Sign path={sign} />
                {word}
              </Link>
            ))}
        </div>
      )}
      <div className="flex">
        {places
          .filter(({ thumb }) => thumb === true)
          .map(({ path, word, sign }) => (
            <Link
              key={path}
              href={path}
              className={look}
              aria-current={isAt(path, here) ? 'page' : undefined}
            >
              <Sign path={sign} />
              {word}
            </Link>
          ))}
        <button
          ref={button}
          type="button"
          className={look}
          aria-expanded={more}
          onClick={() => {
            setMore(!more);
          }}
        >
          <Sign path="M5 12h.01M12 12h.01M19 12h.01" />
          More
        </button>
      </div>
    </nav>
  );
}

function Sign({ path }: { readonly path: string }): ReactNode {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 24 24"
      className="size-4.5 shrink-0"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={path} />
    </svg>
  );
}

function Mark(): ReactNode {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" className="size-7 shrink-0">
      <rect width="32" height="32" rx="8" fill="#2f4fd0" />
      <path
        d="M8 12h14l-4-4M24 20H10l4 4"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
