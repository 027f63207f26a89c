import { saveAs } from '../lib/download.ts';
import { addressOf, authorized, Problem, problemOf } from './client.ts';
import { storedPass } from './pass.ts';
import type { Dump } from './types.ts';

/** What a browser that cannot write to a file as it reads holds in its memory. */
const memoryMaxBytes = 500_000_000;

/** A part of the File System Access API, which not every browser has. */
interface FilePicker {
  readonly showSaveFilePicker?: (options: { readonly suggestedName: string }) => Promise<{
    readonly createWritable: () => Promise<WritableStream<Uint8Array>>;
  }>;
}

/**
 * Saves the file of a dump. The key travels in a header, which a link cannot send: so the page reads the file itself,
 * and writes it to disk as it comes where the browser can.
 */
export async function saveDump(dump: Dump): Promise<void> {
  const name = `${dump.id}.sql${dump.compression === 'gzip' ? '.gz' : ''}`;
  const { url } = addressOf('GET /api/dumps/{id}/download', { params: { id: dump.id } });
  const { showSaveFilePicker } = globalThis as FilePicker;
  if (showSaveFilePicker === undefined && dump.bytes > memoryMaxBytes)
    throw new Problem({
      status: 0,
      detail: 'This browser cannot save so large a file from a page.',
      hint: `Take it by the command line: curl -H "Authorization: Bearer $API_KEY" -o ${name} ${url}`,
    });
  // The question where to put it needs the press of the button, so it comes first.
  const file = dump.bytes > memoryMaxBytes ? await showSaveFilePicker?.({ suggestedName: name }) : undefined;
  const response = await fetch(url, { headers: authorized(storedPass()) });
  if (!response.ok || response.body === null) throw await problemOf(response);
  if (file !== undefined) await response.body.pipeTo(await file.createWritable());
  else saveAs(name, await response.blob());
}
