import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useTitle } from '../lib/use-title.ts';
import { Heading } from '../ui/basics.tsx';

export function NotFound(): ReactNode {
  const [path] = useLocation();
  useTitle('Not found');
  return (
    <>
      <Heading
        lead={`Nothing is at ${path}. The address may be mistyped, or of another version of this service.`}
      >
        There is nothing at this address
      </Heading>
      <p className="flex gap-3">
        <Link href="/" className="button main">
          Home
        </Link>
        <Link href="/runs" className="button">
          All runs
        </Link>
      </p>
    </>
  );
}
