/** The addresses of the page: the service answers them, the page's router shows them (web/app.tsx). */
export const pageAddresses = [
  '/',
  '/sync',
  '/runs',
  '/runs/:id',
  '/dumps',
  '/environments',
  '/search',
  '/schedules',
  '/settings',
  '/tools',
  '/docs',
] as const;

export type PageAddress = (typeof pageAddresses)[number];
