import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '../tests/e2e/page/chromium.ts';
import { NO_EDITOR, startCodeServer } from '../tests/support/editor/code-server.ts';
import { openWorkbench } from '../tests/support/editor/workbench.ts';
import { withExampleHome } from './example-home.ts';

// Takes the picture of the extension in a real editor: the item in the status bar, and its tooltip above it.

const MAIN = fileURLToPath(new URL('../dist/plugins/ui-cli/main.js', import.meta.url));
const FILE = fileURLToPath(new URL('../docs/images/vscode.png', import.meta.url));

if (NO_EDITOR !== undefined) throw new Error(NO_EDITOR);
await withExampleHome(async env => {
  const keepalive = (...args: readonly string[]) =>
    void execFileSync(process.execPath, [MAIN, ...args], { env, cwd: env.HOME });
  const folder = mkdtempSync(join(tmpdir(), 'keepalive-editor-'));
  keepalive('start');
  const server = await startCodeServer(folder, env);
  const browser = await launchChromium();
  try {
    keepalive('add', 'codex', '--home', '~/.codex-work', '--id', 'codex-work');
    keepalive('refresh', '--all');
    // Signing out of a tool shows what a session looks like that needs the user.
    rmSync(join(env.HOME, '.codex-work/auth.json'));
    const { page, item, tooltip } = await openWorkbench(browser, server.url, 2);
    await item.filter({ hasText: 'unavailable' }).waitFor();
    await item.hover();
    await tooltip.getByRole('cell').first().waitFor();
    // Below the pointer the item has another colour, and its tooltip stays while the pointer is on it.
    await tooltip.hover();
    const layout = page.locator('.statusbar-item', { hasText: 'Layout' });
    await layout.evaluateAll(items => items.forEach(one => (one.style.visibility = 'hidden')));
    const clip = { x: 474, y: 358, width: 526, height: 282 };
    await page.screenshot({ path: FILE, clip, animations: 'disabled' });
    process.stdout.write(`${FILE}\n`);
  } finally {
    await browser.close();
    await server.end();
    keepalive('stop');
    rmSync(folder, { recursive: true, force: true });
  }
});
