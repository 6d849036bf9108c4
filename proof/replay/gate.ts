/** Stops a program before each operation until the trace takes that step. */
export class Gate {
  #waiting: { readonly operation: string; readonly go: (how: string) => void } | undefined;
  #arrived: (() => void) | undefined;

  /** Called by the program. Resolves with how the trace says that the operation goes. */
  pass(operation: string): Promise<string> {
    return new Promise(resolve => {
      this.#waiting = { operation, go: resolve };
      this.#arrived?.();
    });
  }

  /** The operation that the program waits for. */
  get operation(): string | undefined {
    return this.#waiting?.operation;
  }

  /** Lets the operation go. */
  open(how: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.go(how);
  }

  /** Resolves when the program waits for its next operation. */
  arrival(): Promise<void> {
    if (this.#waiting) return Promise.resolve();
    return new Promise(resolve => (this.#arrived = resolve));
  }
}
