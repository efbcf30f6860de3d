import { useId } from 'preact/hooks';
import { useApp } from '../state/app.js';

/** The browser keeps the file; the page does not read it. */
export const ExportLinks = ({ conversationId }: { conversationId: number }) => {
  const texts = useApp().preferences.texts.value.imports;
  const id = useId();
  const path = `/agent/conversations/${conversationId}/export`;
  return (
    <section class="export" aria-labelledby={id}>
      <h3 id={id}>{texts.export}</h3>
      <p class="field-hint">{texts.exportHint}</p>
      <div class="export-links">
        <a class="plain-button" href={`${path}?format=markdown`} download>
          {texts.exportMarkdown}
        </a>
        <a class="plain-button" href={`${path}?format=json`} download>
          {texts.exportJson}
        </a>
      </div>
    </section>
  );
};
