import type { OpenedPage, RpcResult } from '../../../sdk/contract/rpc.ts';

/** Actions of the running kernel that methods call. */
export type KernelControl = {
  readonly stop: (reason: string) => void;
  readonly reload: () => Promise<void>;
  readonly clients: () => number;
  readonly openPage: (withFile: boolean) => Promise<RpcResult<'page/open'>>;
  readonly closePages: () => number;
  readonly openedPages: () => readonly OpenedPage[];
};
