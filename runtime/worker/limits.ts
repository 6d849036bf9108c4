/** What must not be cut off is over by then: two requests and a vendor's program, each with its own time limit. */
export const HOLD_LIMIT_MS = 5 * 60_000;

/** The plugin's end of a pipe that closes when the kernel has died, however it did. */
export const KERNEL_PIPE = 4;
