// Loaded before a daemon: plugins may load for as long as a test wants, on however busy a machine.
import { register } from 'node:module';

const hooks = `export const load = async (url, context, next) => {
  const loaded = await next(url, context);
  if (!url.endsWith('/runtime/call-plugin.js')) return loaded;
  const source = String(loaded.source).replace(/LOAD_LIMIT_MS = [^;]+/, 'LOAD_LIMIT_MS = 600_000');
  if (source === String(loaded.source)) throw new Error('There is no limit to lift.');
  return { ...loaded, source };
};`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
