import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { databaseUrlParameters } from '../environments/database-url.ts';
import { collectionConfigSchema } from '../search/collection-config.ts';
import { configFileSchema } from './config-file.ts';
import { settings } from './settings.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

describe('docs/configuration.md', () => {
  it.each(Object.values(settings).map((setting) => [setting.env, setting] as const))(
    'has %s with its key and its default',
    (env, { yaml, fallback }) => {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${env}\` |`));
      expect(row).toBeDefined();
      const [, , key, , standard] = row!.split('|').map((cell) => cell.trim());
      expect(key).toBe(yaml === null ? 'no' : `\`${yaml}\``);
      if (fallback === null) expect(standard).not.toMatch(/^`[^ ]*`$/);
      else expect(standard).toBe(`\`${String(fallback)}\``);
    },
  );

  it('names no variable that is not read', () => {
    const known = new Set<string>([
      ...Object.values(settings).map(({ env }) => env),
      'NAME_DATABASE_URL',
      'NAME_DATABASE_SCHEMA',
      'NAME_DATABASE_SCHEMAS',
      'NAME_DIRECT_URL',
      'NAME_MASK_SALT',
      'NAME_PROTECTION',
      'NAME_TYPESENSE_URL',
      'NAME_TYPESENSE_API_KEY',
      'MULTIBOARD_SYNC_CONFIG',
      'NOTICE_NAME_URL',
      'NOTICE_NAME_SECRET',
      'NO_COLOR',
      'EU_STAGING_DATABASE_URL',
      'SOURCE_DATABASE_URL',
      'TARGET_DATABASE_URL',
      'DATABASE_URL',
    ]);
    const named = [...page.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name!);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has every key of the file, every key of a collection and every parameter of an address', () => {
    const fieldKeys = z.toJSONSchema(collectionConfigSchema.shape.fields.element) as { properties: object };
    const keys = [
      ...Object.keys(configFileSchema.shape).filter(
        (key) => !/^(directories|dumps|sync|jobs|http|mail)$/.test(key),
      ),
      ...Object.keys(collectionConfigSchema.shape),
      ...Object.keys(fieldKeys.properties),
      ...databaseUrlParameters,
    ];
    expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  });
});
