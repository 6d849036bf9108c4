import { useEffect, useState } from 'preact/hooks';
import type { QrDrawing } from '../format/qr.ts';
import { useNarrow } from '../kernel/use-narrow.ts';

/** The margin that scanners need, in modules. */
const MARGIN = 4;

/** An address for another device. A phone that shows this page rarely needs it. */
export function QrCode({ text }: { readonly text: string }) {
  const isNarrow = useNarrow();
  const [isOpen, setOpen] = useState(!isNarrow);
  return (
    <details class="qr" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>QR code for another device</summary>
      {isOpen && <Drawing text={text} />}
    </details>
  );
}

/** Its module is loaded when it is needed. Without it, the address is there as a link. */
function Drawing({ text }: { readonly text: string }) {
  const [drawing, setDrawing] = useState<QrDrawing>();
  useEffect(() => {
    let isShown = true;
    import('../format/qr.ts').then(
      ({ drawQr }) => isShown && setDrawing(drawQr(text)),
      () => undefined,
    );
    return () => void (isShown = false);
  }, [text]);
  if (!drawing) return null;
  const side = drawing.size + 2 * MARGIN;
  return (
    <svg viewBox={`${-MARGIN} ${-MARGIN} ${side} ${side}`} role="img" aria-label="QR code of the address">
      <path d={drawing.path} />
    </svg>
  );
}
