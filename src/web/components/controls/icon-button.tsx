import { Icon, type IconName } from './icons.js';

interface Props {
  icon: IconName;
  label: string;
  onClick(): void;
  class?: string;
  disabled?: boolean;
}

/** A button that shows only an icon. Its label is for screen readers and the tooltip. */
export const IconButton = ({ icon, label, onClick, disabled = false, ...rest }: Props) => (
  <button
    type="button"
    class={`icon-button ${rest.class ?? ''}`}
    aria-label={label}
    title={label}
    disabled={disabled}
    onClick={onClick}
  >
    <Icon name={icon} />
  </button>
);
