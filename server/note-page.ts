import { createHash } from 'node:crypto';

/** What to say to a person in whose browser the settings page cannot be shown. */
export type Note = { readonly title: string; readonly text: string; readonly command?: string | undefined };

type NotePage = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

const STYLE = `
:root {
  color-scheme: light dark; --paper: light-dark(#f6f5f1, #141818); --surface: light-dark(#fffefc, #1b2020);
  --raised: light-dark(#f1efe9, #242b2b); --ink: light-dark(#1b2321, #e9ece7); --quiet: light-dark(#5a645f, #a3aea9);
  --line: light-dark(#e2dfd6, #2e3736);
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
  font: 100%/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif;
}
main {
  width: min(34rem, 100vw - 2rem); padding: 2rem; background: var(--surface); border: 1px solid var(--line);
  border-radius: .75rem;
}
small, p { color: var(--quiet); }
h1 { margin: .25rem 0 .75rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
code {
  display: block; padding: .625rem .75rem; border-radius: .5rem; background: var(--raised);
  font-family: ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const POLICY =
  `default-src 'self'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; ` +
  "form-action 'none'; frame-ancestors 'none'";

/** The note as a page in the look of the settings page, or as text for a program. All of it is our own text. */
export function notePage({ title, text, command = 'keepalive ui' }: Note, isForBrowser: boolean): NotePage {
  if (!isForBrowser)
    return { body: `${title}. ${text} ${command}\n`, headers: { 'content-type': 'text/plain; charset=utf-8' } };
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: Session Keepalive</title>
<style>${STYLE}</style>
<main>
<small>Session Keepalive</small>
<h1>${title}</h1>
<p>${text}</p>
<code>${command}</code>
</main>
</html>
`;
  return { body, headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY } };
}
