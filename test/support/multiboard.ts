import { Client } from 'pg';
import { createCatalogue } from '../../src/demo/catalogue/create-catalogue.ts';
import type { CatalogueInput } from '../../src/demo/catalogue/create-catalogue.ts';

/** Fills an empty database with the demo's catalogue: 500 parts of staging's unless said. */
export async function createMultiboard(url: string, options: Partial<CatalogueInput> = {}): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'test support' });
  client.on('error', () => {});
  await client.connect();
  try {
    await createCatalogue(client, { variant: 'staging', parts: 500, ...options });
  } finally {
    await client.end();
  }
}
