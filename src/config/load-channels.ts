import { Secret } from '../lib/secret.ts';
import { channelVariable, isAddress } from '../notices/channel.ts';
import type { Channel, SaidChannel } from '../notices/channel.ts';
import type { ConfigFile } from './config-file.ts';
import type { EnvSource } from './env-source.ts';
import type { Faults } from './faults.ts';

/** What the channels for e-mail share. */
interface Mail {
  readonly smtp: Secret | null;
  readonly from: string | null;
}

const secretLengthMin = 16;

/** The file's channels, with their secrets from the environment. One that lacks something is a fault, not a silence. */
export function loadChannels(
  env: EnvSource,
  file: ConfigFile,
  faults: Faults,
  mail: Mail,
): readonly Channel[] {
  const { notices = [] } = file.sections;
  return notices.flatMap((said, index) => {
    const place = file.place(['notices', index, 'name']);
    const variables = notices.map(({ name }) => channelVariable(name, 'URL'));
    if (variables.indexOf(channelVariable(said.name, 'URL')) !== index)
      faults.add(`${place}: a channel "${said.name}" is already there`);
    const channel = withSecrets(said, mail, (what) => secretOf(env, said.name, what, faults));
    if (typeof channel !== 'string') return [channel];
    faults.add(`${place}: the channel "${said.name}" needs ${channel}`);
    return [];
  });
}

/** What it lacks, in words, where it lacks something. */
function withSecrets(
  said: SaidChannel,
  mail: Mail,
  secret: (what: 'URL' | 'SECRET') => Secret | null,
): Channel | string {
  const { name, events = null, environments = null } = said;
  const filter = { name, events, environments };
  const url = said.type === 'email' ? null : secret('URL');
  switch (said.type) {
    case 'webhook': {
      const key = secret('SECRET');
      const address = url ?? (said.url === undefined ? null : new Secret(said.url));
      if (address === null) return `its address: url in the file, or ${channelVariable(name, 'URL')}`;
      if (key === null)
        return `${channelVariable(name, 'SECRET')}, by which receivers know that a message is yours`;
      return { ...filter, type: 'webhook', url: address, secret: key };
    }
    case 'slack':
      return url === null
        ? `its address in ${channelVariable(name, 'URL')}, which is a secret`
        : { ...filter, type: 'slack', url };
    case 'email': {
      const { smtp, from } = mail;
      if (smtp === null) return 'SMTP_URL, the mail server';
      if (from === null) return 'SMTP_FROM (mail.from in the file), the sender';
      return { ...filter, type: 'email', to: said.to, from, smtp };
    }
    default:
      return said satisfies never;
  }
}

function secretOf(env: EnvSource, name: string, what: 'URL' | 'SECRET', faults: Faults): Secret | null {
  const variable = channelVariable(name, what);
  const text = env.get(variable);
  if (text === null) return null;
  if (what === 'URL' && !isAddress(text)) faults.add(`${env.place(variable)} must be an address (https://…)`);
  if (what === 'SECRET' && text.length < secretLengthMin)
    faults.add(`${env.place(variable)} must be at least ${secretLengthMin} characters`);
  return new Secret(text);
}
