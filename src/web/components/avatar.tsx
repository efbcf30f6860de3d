/** The first letter of a name, shown beside the name. */
export const Avatar = ({ name }: { name: string }) => (
  <span class="avatar" aria-hidden="true">
    {[...name][0]?.toUpperCase()}
  </span>
);
