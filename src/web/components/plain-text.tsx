import { displayable, plainBlocks } from '../markdown/plain-text.js';

/** Any text, however long, as it is. */
export const PlainText = ({ text }: { text: string }) => (
  <div class="markdown">
    {plainBlocks(displayable(text)).map((block, index) => (
      <div class="plain-text" key={`${index}`}>
        {block.text}
      </div>
    ))}
  </div>
);
