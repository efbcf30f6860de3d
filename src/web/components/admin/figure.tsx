interface Props {
  label: string;
  value: string;
  /** Smaller, below the value. */
  more?: string | null;
}

/** A name with its number below. */
export const Figure = ({ label, value, more = null }: Props) => (
  <div>
    <dt>{label}</dt>
    <dd>
      {value}
      {more !== null && <small>{more}</small>}
    </dd>
  </div>
);
