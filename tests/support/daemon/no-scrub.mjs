// Loaded before a daemon: in place of what takes secrets out of text comes what leaves them in. A control: where this leaks nothing, nothing was looked for.
import { register } from 'node:module';

const NAIVE = `export class Scrubber {
  conceal = () => undefined;
  scrub = text => text;
  clean = value => JSON.parse(JSON.stringify(value));
}`;

const hooks = `export const load = (url, context, next) =>
  url.endsWith('/runtime/log/redact.js') ? { format: 'module', shortCircuit: true, source: ${JSON.stringify(NAIVE)} } : next(url, context);`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
