import { errnoOf } from '../../sdk/base/errno.ts';
import type { Cleanup } from '../../sdk/base/cleanup.ts';
import type { FrontendContext } from '../../sdk/plugin/frontend.ts';
import { Exposition } from './exposition.ts';
import { followKernel } from './follow.ts';
import { listen, type Listener } from './listener.ts';
import type { Format } from './session-series.ts';
import { textfile } from './textfile.ts';
import { tokenIn } from './token.ts';

/** Where the metrics are published. */
export type Places = {
  /** Of the listener; undefined without one. */
  readonly port: number | undefined;
  /** The token that scrapers need. [the one in its file] */
  readonly token: string | undefined;
  readonly tokenFile: string;
  /** The absolute path of the file for the node exporter; undefined without one. */
  readonly textfile: string | undefined;
};

type Context = Pick<FrontendContext, 'client' | 'log' | 'signal'>;

/** The metrics as text; undefined when the kernel is lost, because they would be out of date. */
type Render = (format: Format) => Promise<string | undefined>;

/** Publishes the metrics. Returns what ends that. */
export async function publish(places: Places, { client, log, signal }: Context): Promise<Cleanup> {
  const { version } = await client.request('kernel/info');
  const exposition = new Exposition(version, countClients(client));
  let isLost = false;
  const render: Render = async format => (isLost ? undefined : exposition.render(format));
  const file = places.textfile;
  const writer = file === undefined ? undefined : textfile({ file, log, render: () => render('text') });
  client.onStatus(status => {
    isLost = status === 'lost';
    writer?.changed();
  });
  await followKernel(client, exposition, () => writer?.changed());
  const listener = await serve(places, render, log);
  // A reload starts the next listener, perhaps on this port, without waiting for the cleanup of this one.
  signal.addEventListener('abort', () => void listener?.close(), { once: true });
  return async () => {
    await listener?.close();
    await writer?.end();
  };
}

/** Counts the clients of the kernel. When it is lost, the last count holds. */
function countClients(client: Context['client']): () => Promise<number> {
  let clients = 0;
  return async () => {
    ({ clients } = await client.request('kernel/info').catch(() => ({ clients })));
    return clients;
  };
}

/** If the port is taken, the file is still written, and the daemon still works. */
async function serve(
  { port, token: given, tokenFile }: Places,
  render: Render,
  log: Context['log'],
): Promise<Listener | undefined> {
  if (port === undefined) return undefined;
  const failed = (error: unknown, what: object, action: string) =>
    void log.error({ ...what, reason: errnoOf(error), action }, 'metrics are not served');
  const token = await tokenIn(tokenFile, given).catch((error: unknown) =>
    failed(error, { tokenFile }, 'Remove what is in the place of this file, then run `keepalive restart`.'),
  );
  if (token === undefined) return undefined;
  const listener = await listen({ port, token, render }).catch((error: unknown) =>
    failed(error, { port }, 'Give the metrics plugin another port, or end what uses this one.'),
  );
  if (listener) log.info({ url: `http://127.0.0.1:${listener.port}/metrics`, tokenFile }, 'metrics are served');
  return listener ?? undefined;
}
