import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build } from 'rolldown';
import { esmExternalRequirePlugin } from 'rolldown/plugins';

/**
 * The client as one file. A frontend of another product bundles it, also into CommonJS: there it can neither find files
 * beside itself nor make a `require` from its address.
 */
export async function buildClient(dist: string): Promise<string> {
  const { output } = await build({
    input: join(dist, 'sdk/client/client.js'),
    platform: 'node',
    // ws does without its native add-ons.
    transform: { define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' } },
    plugins: [esmExternalRequirePlugin({ external: [...builtinModules, /^node:/] })],
    checks: { ineffectiveDynamicImport: false },
    output: { codeSplitting: false },
    write: false,
  });
  return output[0].code;
}
