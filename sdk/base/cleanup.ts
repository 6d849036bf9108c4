/** Undoes what was started. */
export type Cleanup = () => void | Promise<void>;
