type Props = {
  /** The id of the element that shows the name: it labels what opens. */
  readonly id: string;
  readonly name: string;
  readonly isOpen: boolean;
  /** The id of what opens. */
  readonly panel: string;
  readonly toggle: () => void;
};

/** A name that opens and closes what belongs to it. */
export function Disclose({ id, name, isOpen, panel, toggle }: Props) {
  return (
    <button
      type="button"
      class="disclose"
      aria-expanded={isOpen}
      aria-controls={isOpen ? panel : undefined}
      title={name}
      onClick={toggle}
    >
      <span id={id}>{name}</span>
    </button>
  );
}
