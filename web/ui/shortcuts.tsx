import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';

const goals: Readonly<Record<string, readonly [path: string, word: string]>> = {
  h: ['/', 'Home'],
  s: ['/sync', 'Sync'],
  r: ['/runs', 'Runs'],
  d: ['/dumps', 'Dumps and kept states'],
  e: ['/environments', 'Environments'],
};
/** The second key of `g h` comes soon after the first. */
const chordMs = 1_500;

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;

/** Keys for who stays on the keyboard: `g h` goes home, `/` into the filter, `?` shows them. */
export function Shortcuts(): ReactNode {
  const [open, setOpen] = useState(false);
  const [, go] = useLocation();
  useEffect(() => {
    let startedAt = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      const goal = event.timeStamp - startedAt < chordMs ? goals[event.key] : undefined;
      startedAt = event.key === 'g' ? event.timeStamp : -chordMs;
      if (goal !== undefined) go(goal[0]);
      else if (event.key === '?') setOpen(true);
      else if (event.key === '/') {
        const filter = document.querySelector<HTMLElement>('[data-filter]');
        if (filter === null) return;
        event.preventDefault();
        filter.focus();
      }
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  }, [go]);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Popup className="card fixed inset-x-4 top-1/4 z-50 mx-auto max-w-sm p-6 shadow-2xl">
          <Dialog.Title className="mb-4 text-lg font-semibold">Keys</Dialog.Title>
          <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-2 text-sm">
            {Object.entries(goals).map(([key, [, word]]) => (
              <div key={key} className="contents">
                <dt className="font-mono">g {key}</dt>
                <dd>{word}</dd>
              </div>
            ))}
            <dt className="font-mono">/</dt>
            <dd>Into the filter of the page</dd>
            <dt className="font-mono">?</dt>
            <dd>This list</dd>
          </dl>
          <Dialog.Close className="button mt-5">Close</Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
