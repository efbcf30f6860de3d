const TITLE_CODE_POINTS = 60;

/** Separators, characters that file systems refuse, and characters that have no glyph or turn the reading direction. */
const UNSAFE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}/\\:*?"<>|%.~'`$&;#{}]+/gu;

/** Begins with `parley-` and the id, so that no title makes it hidden, a path or a device. */
export function exportFileName(
  { id, title }: { id: number; title: string },
  ending: string,
): string {
  const words = title.replace(UNSAFE, '-').replace(/^-+|-+$/g, '');
  const short = [...words].slice(0, TITLE_CODE_POINTS).join('').replace(/-+$/, '');
  return `parley-${id}${short && `-${short}`}.${ending}`;
}
