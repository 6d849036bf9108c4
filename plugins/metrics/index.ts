import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { defineFrontend, type FrontendPlugin } from '../../sdk/plugin/frontend.ts';
import { checkOptions } from '../../sdk/plugin/options.ts';
import { expandHome, locateHome } from '../../sdk/system/home.ts';

/** Above the ports of well-known exporters, and below those that systems give to clients. */
export const DEFAULT_PORT = 17_400;

const schema = z.strictObject({
  /** Of the listener on 127.0.0.1; 0 is any free port. [17400, or no listener if there is a textfile] */
  port: z.int().min(0).max(65_535).optional(),
  /** The token that scrapers need, from now on. [the one in metrics.token, which is made at the first start] */
  token: z
    .string()
    .regex(/^[\x21-\x7e]{8,256}$/, 'Give 8 to 256 visible ASCII characters.')
    .optional(),
  /** A file in the folder of the node exporter's textfile collector. */
  textfile: z
    .string()
    .refine(path => /^~[\\/]/.test(path) || isAbsolute(path), 'Give an absolute path, or one that begins with ~/.')
    .refine(path => path.endsWith('.prom'), 'The node exporter reads only files that end with .prom.')
    .optional(),
});

export type MetricsOptions = z.input<typeof schema>;

/** Metrics of the sessions for Prometheus. */
export default function metrics(options: MetricsOptions = {}): FrontendPlugin {
  const { port, token, textfile } = checkOptions(schema, options);
  return defineFrontend({
    id: 'metrics',
    async start(context) {
      // A daemon without this plugin in its configuration loads only this file.
      const { publish } = await import('./publish.ts');
      const places = {
        port: port ?? (textfile === undefined ? DEFAULT_PORT : undefined),
        token,
        tokenFile: locateHome().metricsToken,
        textfile: textfile === undefined ? undefined : expandHome(textfile),
      };
      return publish(places, context);
    },
  });
}
