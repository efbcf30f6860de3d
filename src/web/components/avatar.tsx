/** The first letter of a name, beside which the name stands. */
export const Avatar = ({ name }: { name: string }) => (
  <span class="avatar" aria-hidden="true">
    {[...name][0]?.toUpperCase()}
  </span>
);
