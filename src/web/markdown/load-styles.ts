/** The document names the file. If it cannot be loaded, the part is shown without its styles. */
export function loadStyles(name: 'formulaStyles' | 'adminStyles'): Promise<void> {
  const href = document.getElementById('app')?.dataset[name];
  if (href === undefined || document.querySelector(`link[href="${href}"]`))
    return Promise.resolve();
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  return new Promise((resolve) => {
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => resolve());
    document.head.append(link);
  });
}
