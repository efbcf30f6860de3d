import { displayable, plainBlocks } from '../markdown/plain-text.js';

/** Shows any text, however long, unformatted. */
export const PlainText = ({ text }: { text: string }) => (
  <div class="markdown">
    {plainBlocks(displayable(text)).map((block, index) => (
      <div class="plain-text" key={`${index}`}>
        {block.text}
      </div>
    ))}
  </div>
);
