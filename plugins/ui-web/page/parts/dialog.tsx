import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

type Props = {
  readonly kind?: string;
  readonly title: string;
  /** Instead of closing it, when the user presses Escape. */
  readonly cancel?: () => void;
  readonly close: () => void;
  readonly children: ComponentChildren;
};

/** A dialog above the page. The focus stays in it, and returns to where it was. */
export function Dialog({ kind = '', title, cancel, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`sign-in ${kind}`}
      aria-labelledby="dialog-title"
      onCancel={event => {
        if (!cancel) return;
        event.preventDefault();
        cancel();
      }}
      onClose={close}
    >
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
