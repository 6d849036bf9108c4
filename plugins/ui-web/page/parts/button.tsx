import type { ComponentChildren } from 'preact';

type Props = {
  readonly kind?: 'primary' | 'plain';
  readonly off: boolean;
  readonly press: () => unknown;
  readonly children: ComponentChildren;
};

/** A button that keeps the focus while it cannot be pressed. */
export const Button = ({ kind, off, press, children }: Props) => (
  <button type="button" class={kind} aria-disabled={off} onClick={() => off || void press()}>
    {children}
  </button>
);
