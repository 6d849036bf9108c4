// Loaded before a daemon: plugins may take any time to load, and a start or reload waits only a second for slow ones.
import module from 'node:module';

/** The source with longer limits. */
function patient(url, source) {
  const replaced = [
    ['/runtime/call-plugin.js', /LOAD_LIMIT_MS = [^;]+/, 'LOAD_LIMIT_MS = 600_000'],
    ['/kernel/plugins/patience.js', /PATIENCE_MS = {[^}]+}/, 'PATIENCE_MS = { min: 1_000, max: 1_000 }'],
  ];
  const [, pattern, replacement] = replaced.find(([file]) => url.endsWith(file)) ?? [];
  if (pattern === undefined) return source;
  const text = source.toString().replace(pattern, replacement);
  if (text === source.toString()) throw new Error(`There is no ${pattern} in ${url}`);
  return text;
}

// Node 26 warns of hooks in another thread, and Node 20 has no others.
if (module.registerHooks) {
  const load = (url, context, next) => {
    const loaded = next(url, context);
    return { ...loaded, source: patient(url, loaded.source) };
  };
  module.registerHooks({ load });
} else {
  const code = `${patient}
export const load = async (url, context, next) => {
  const loaded = await next(url, context);
  return { ...loaded, source: patient(url, loaded.source) };
};`;
  module.register(`data:text/javascript,${encodeURIComponent(code)}`);
}
