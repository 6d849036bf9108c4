import { useLayoutEffect, useRef } from 'preact/hooks';

/** Shows the dialog above the page. The focus stays in it, and returns to where it was. */
export function useModal() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);
  return dialog;
}
