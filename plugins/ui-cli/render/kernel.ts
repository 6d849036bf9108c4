import type { KernelInfo } from '../../../sdk/contract/rpc.ts';

/** What a kernel does, and by which configuration. */
export const describeKernel = ({ sessions, pid, configFile }: KernelInfo): string =>
  `Keepalive looks after ${sessions === 1 ? '1 session' : `${sessions} sessions`} (process ${pid}). ${
    configFile === null
      ? 'Without a configuration file: every tool found here is looked after.'
      : `Configuration: ${configFile}`
  }${sessions === 0 ? ' `keepalive doctor` says what is missing.' : ''}`;
