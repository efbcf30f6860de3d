/** The first letter of a name, shown beside the name. It is no text, so it is no part of what a button is called. */
export const Avatar = ({ name }: { name: string }) => (
  <span class="avatar" aria-hidden="true" data-letter={[...name][0]?.toUpperCase()} />
);
