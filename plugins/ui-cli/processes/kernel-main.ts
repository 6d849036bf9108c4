/** The kernel's program. It is installed beside us, and only imported to run the daemon in this process. */
export const KERNEL_MAIN = new URL('../../../kernel/main.js', import.meta.url);
