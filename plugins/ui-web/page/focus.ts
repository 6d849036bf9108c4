const CONTROLS = 'button, input:not([disabled]), select, summary, a[href]';

/** The focused control, as long as it was not left: what is around it, and the controls before it. */
type Place = {
  readonly control: Element;
  readonly around: readonly Element[];
  readonly before: ReadonlySet<Element>;
};

/**
 * Keeps the keyboard where it was: when the focused control disappears, as a button does after its work is done, the
 * nearest control gets the focus. A browser would start again at the top of the page.
 */
export function keepFocus(root: HTMLElement): void {
  let place: Place | undefined;
  root.addEventListener('focusin', ({ target }) => {
    place = target instanceof Element ? placeOf(target, root) : undefined;
  });
  root.addEventListener('pointerdown', () => {
    place = undefined;
  });
  new MutationObserver(() => {
    if (!place || place.control.isConnected || document.activeElement !== root) return;
    const { around, before } = place;
    place = undefined;
    const nearest = around.filter(element => element.isConnected).map(element => controlIn(element, before));
    nearest.find(control => control !== undefined)?.focus({ preventScroll: true });
  }).observe(root, { childList: true, subtree: true });
}

function placeOf(control: Element, root: HTMLElement): Place {
  const all = [...root.querySelectorAll(CONTROLS)];
  return { control, around: ancestorsOf(control), before: new Set(all.slice(0, Math.max(0, all.indexOf(control)))) };
}

/** The last control before the place, or else the first one. The main part of the page takes the focus itself. */
function controlIn(element: Element, before: ReadonlySet<Element>): HTMLElement | undefined {
  if (element instanceof HTMLElement && element.matches('main')) return element;
  const controls = [...element.querySelectorAll<HTMLElement>(CONTROLS)];
  return controls.findLast(control => before.has(control)) ?? controls[0];
}

function ancestorsOf({ parentElement }: Element): readonly Element[] {
  return parentElement ? [parentElement, ...ancestorsOf(parentElement)] : [];
}
