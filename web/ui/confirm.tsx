import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useMutation } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { Failure } from './basics.tsx';

export interface ConfirmProps {
  /** The button that opens it. */
  readonly label: string;
  readonly look?: 'danger' | 'main' | 'plain';
  readonly title: string;
  /** The consequence, in sentences. */
  readonly children: ReactNode;
  /** What the button does, in the words of `title`. */
  readonly verb: string;
  /** What must be typed; null where a press is enough. */
  readonly name: string | null;
  readonly keep?: string;
  readonly go: () => Promise<unknown>;
  readonly done?: (answer: unknown) => void;
  readonly disabled?: boolean;
}

const looks = { danger: 'button danger', main: 'button main', plain: 'button' } as const;

/** A question before something that is not taken back by a click. What went wrong is said in it. */
export function Confirm({ label, look = 'danger', disabled = false, ...question }: ConfirmProps): ReactNode {
  const [open, setOpen] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const keep = useRef<HTMLButtonElement>(null);
  return (
    <AlertDialog.Root open={open} onOpenChange={setOpen}>
      <AlertDialog.Trigger className={looks[look]} disabled={disabled}>
        {label}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-black/50" />
        <AlertDialog.Popup
          initialFocus={question.name === null ? keep : first}
          className="card fixed inset-x-4 top-1/2 z-50 mx-auto max-h-[90dvh] max-w-lg -translate-y-1/2 overflow-auto p-6 shadow-2xl"
        >
          <Question {...question} first={first} keepRef={keep} close={() => setOpen(false)} />
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

interface QuestionProps extends Omit<ConfirmProps, 'label' | 'look' | 'disabled'> {
  readonly first: React.RefObject<HTMLInputElement | null>;
  readonly keepRef: React.RefObject<HTMLButtonElement | null>;
  readonly close: () => void;
}

function Question({
  title,
  children,
  verb,
  name,
  keep,
  go,
  done,
  first,
  keepRef,
  close,
}: QuestionProps): ReactNode {
  const [typed, setTyped] = useState('');
  const field = useId();
  const order = useMutation({
    mutationFn: go,
    onSuccess: (answer) => {
      close();
      done?.(answer);
    },
  });
  const may = name === null || typed === name;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (may && !order.isPending) order.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
      <AlertDialog.Description render={<div />} className="space-y-2">
        {children}
      </AlertDialog.Description>
      {name !== null && (
        <div>
          <label htmlFor={field} className="mb-1.5 block text-sm">
            Type <strong className="font-mono">{name}</strong> to go on
          </label>
          <input
            id={field}
            ref={first}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
            }}
            className="field font-mono"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-confirm="name"
          />
        </div>
      )}
      <Failure error={order.error} />
      <div className="flex flex-wrap justify-end gap-3 max-sm:flex-col-reverse">
        <AlertDialog.Close ref={keepRef} className="button" type="button">
          {keep ?? 'Keep everything'}
        </AlertDialog.Close>
        <button className="button danger" disabled={!may || order.isPending} data-confirm="go">
          {verb}
        </button>
      </div>
    </form>
  );
}
