import type { CheckedParams, OpenedPage, RpcMethod, RpcResult } from '../../../sdk/contract/rpc.ts';

/** What answers each method. A missing method does not compile. */
export type RpcHandlers = {
  readonly [M in RpcMethod]: (params: CheckedParams<M>) => RpcResult<M> | Promise<RpcResult<M>>;
};

/** The handlers of a namespace: `session` for `session/list` and the others. */
export type Handlers<Namespace extends string> = Pick<RpcHandlers, Extract<RpcMethod, `${Namespace}/${string}`>>;

/** Actions of the running kernel that methods call. */
export type KernelControl = {
  readonly stop: (reason: string) => void;
  readonly reload: () => Promise<void>;
  readonly clients: () => number;
  readonly openPage: (withFile: boolean) => Promise<RpcResult<'page/open'>>;
  readonly closePages: () => number;
  readonly openedPages: () => readonly OpenedPage[];
};
