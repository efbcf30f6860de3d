import { langOf } from '../../markdown/lang-of.js';
import { displayable, plainBlocks } from '../../markdown/plain-text.js';

/** Shows any text, however long, unformatted. */
export const PlainText = ({ text }: { text: string }) => (
  <div class="markdown" lang={langOf(text)}>
    {plainBlocks(displayable(text)).map((block, index) => (
      <div class="plain-text" dir="auto" key={`${index}`}>
        {block.text}
      </div>
    ))}
  </div>
);
