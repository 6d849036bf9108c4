// Loaded before a daemon: plugins may take any time to load, and a start or reload waits only a second for slow ones.
import { register } from 'node:module';

const hooks = `const REPLACED = [
  ['/runtime/call-plugin.js', /LOAD_LIMIT_MS = [^;]+/, 'LOAD_LIMIT_MS = 600_000'],
  ['/kernel/plugins/patience.js', /PATIENCE_MS = {[^}]+}/, 'PATIENCE_MS = { min: 1_000, max: 1_000 }'],
];
export const load = async (url, context, next) => {
  const loaded = await next(url, context);
  const [, pattern, replacement] = REPLACED.find(([file]) => url.endsWith(file)) ?? [];
  if (pattern === undefined) return loaded;
  const source = String(loaded.source).replace(pattern, replacement);
  if (source === String(loaded.source)) throw new Error('There is no ' + pattern + ' in ' + url);
  return { ...loaded, source };
};`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
