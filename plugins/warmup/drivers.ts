import type { Driver } from './driver.ts';

/** The drivers by provider. Others are not offered: Google, for example, has suspended accounts. */
export type Drivers = Readonly<Record<string, () => Promise<Driver>>>;

export const DRIVERS: Drivers = {
  claude: async () => (await import('./claude.ts')).claude,
  codex: async () => (await import('./codex.ts')).codexDriver,
};

/** The providers with a driver. */
export const PROVIDERS: readonly string[] = Object.keys(DRIVERS);

export const driverOf = async (drivers: Drivers, provider: string): Promise<Driver | undefined> =>
  Object.hasOwn(drivers, provider) ? drivers[provider]?.() : undefined;
