/** The template with these values. What has none stays as it is. */
export const fillTemplate = (
  template: string,
  values: Readonly<Record<string, string | number>>,
): string =>
  template.replace(/\{\{#(\w+)\}\}/g, (own, name: string) => String(values[name] ?? own));
