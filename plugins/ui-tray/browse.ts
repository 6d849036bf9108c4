import { spawn } from 'node:child_process';

const OPENERS: Partial<Record<NodeJS.Platform, readonly [program: string, ...args: readonly string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32.exe', 'url.dll,FileProtocolHandler'],
};

/** Opens a file in the user's browser, never through a shell. */
export async function browse(file: string, platform: NodeJS.Platform = process.platform): Promise<void> {
  const [program, ...args] = OPENERS[platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, file], { stdio: 'ignore', detached: true, windowsHide: true });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', () =>
      reject(
        new Error(`The page could not be shown: there is no ${program}. \`keepalive ui --print\` gives its address.`),
      ),
    );
  });
  child.unref();
}
