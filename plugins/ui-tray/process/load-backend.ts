import type { OpenBackend } from '../backend.ts';

/** Loads this platform's backend, and no other. */
export async function loadBackend(platform: NodeJS.Platform = process.platform): Promise<OpenBackend> {
  switch (platform) {
    case 'win32':
      return (await import('../windows/backend.ts')).openWindows;
    case 'darwin':
      return (await import('../macos/backend.ts')).openMacos;
    default:
      return (await import('../linux/backend.ts')).openLinux;
  }
}
