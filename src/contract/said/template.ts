/** Fills the template with these values. Names without a value stay as they are. */
export const fillTemplate = (
  template: string,
  values: Readonly<Record<string, string | number>>,
): string =>
  template.replace(/\{\{#(\w+)\}\}/g, (own, name: string) => String(values[name] ?? own));
