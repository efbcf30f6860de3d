import type { DemoTexts } from './texts.js';

export const english: DemoTexts = {
  asks: {
    long: /\b(long|longer|detail(s|ed)?|essay|story|everything)\b/i,
    code: /\b(code|function|program|script|typescript|javascript|python)\b/i,
    table: /\b(tables?|compare|comparison|overview)\b/i,
    list: /\b(list|steps?|tips?|ideas?|how)\b/i,
    greeting: /^\W*(hi|hello|hey|good (morning|evening|afternoon))\b/i,
  },
  prepared: [
    {
      asked: /\brainbows?\b/i,
      answer: [
        '## How rainbows form',
        'A rainbow needs two things: **sunlight behind you** and **drops of water in front of you**.',
        [
          '1. Light enters a drop and is bent, because it is slower in water than in air. Blue is bent a little more than red, so the colours part.',
          '2. At the back of the drop a part of the light is reflected.',
          '3. When it leaves the drop it is bent once more, and the colours part further.',
        ].join('\n'),
        'Most of the light comes back at about **42°** for red and **40°** for violet, measured from the point opposite the sun. All drops at the same angle form a circle, of which you see the part above the horizon. So the bow is red outside and violet inside, and everybody sees their own.',
      ].join('\n\n'),
    },
    {
      asked: /\bhaiku\b/i,
      answer:
        '> Grey waves fold the light,\n> a shell keeps what the wind said.\n> The tide takes it back.',
    },
    {
      asked: /\bquick ?sort\b/i,
      answer: [
        'Quick sort picks a pivot, puts the smaller values before it and the larger ones after it, and sorts both parts in the same way:',
        [
          '```python',
          'def quick_sort(values: list[int]) -> list[int]:',
          '    if len(values) <= 1:',
          '        return values',
          '    pivot = values[len(values) // 2]',
          '    smaller = [v for v in values if v < pivot]',
          '    equal = [v for v in values if v == pivot]',
          '    larger = [v for v in values if v > pivot]',
          '    return quick_sort(smaller) + equal + quick_sort(larger)',
          '',
          '',
          'print(quick_sort([5, 2, 9, 1, 5, 6]))  # [1, 2, 5, 5, 6, 9]',
          '```',
        ].join('\n'),
        'On average it takes about *n* log *n* comparisons, in the worst case *n*².',
      ].join('\n\n'),
    },
  ],
  titles: ['A short reply', 'What I can say about that', 'Here is my answer', 'On your message'],
  greeting: 'Hello! Nice to meet you.',
  quote: 'You wrote:',
  turns: {
    first: 'This is the **first** message of our conversation.',
    later: 'This is message **{turn}** of yours; I have seen the ones before it.',
  },
  openings: [
    'A real model would now think about it. I have a few sentences prepared, and I send them piece by piece, just as a model does.',
    'I cannot reason, but I can show how an answer arrives: a few letters at a time, in order, and never twice.',
    'While these words come in, try something: reload the page, or open the conversation in a second tab. The text goes on where it was.',
    'Nothing here is looked up or computed. What you see is the way an answer travels from a model to your screen.',
  ],
  code: [
    'Some code, so that you can see how it is shown:',
    '```ts',
    'async function* words(text: string) {',
    '  for (const word of text.split(/(?<=\\s)/)) {',
    '    yield word;',
    '  }',
    '}',
    '',
    "for await (const word of words('one piece after the other')) {",
    '  process.stdout.write(word);',
    '}',
    '```',
  ].join('\n'),
  table: [
    '| Try this | What happens |',
    '| --- | --- |',
    '| Reload in mid-answer | The text is complete and goes on |',
    '| Press *Stop* | What has arrived is kept |',
    '| Go offline for a moment | Nothing is lost, nothing comes twice |',
  ].join('\n'),
  list: [
    'Write **long** to get a long answer, with time to reload or stop.',
    'Write **code** to see a block of code.',
    'Write **table** to see a table.',
    'Write in Chinese, and I answer in Chinese.',
  ],
  long: [
    'An answer of a language model is not there all at once. The model writes it token by token, and a token is often less than a word. Whoever waits for the whole text looks at an empty screen for many seconds; whoever shows each token as it comes can begin to read at once.',
    'That makes the way from the model to the reader longer than it seems. Between the two there are a server, a network, perhaps a second server, a browser tab or a phone. Each of them can go away in the middle of a sentence: a train enters a tunnel, a laptop is closed, a new version of the server is rolled out.',
    'The answer should not care. It is produced on the server whether or not somebody is looking, and every piece of it carries a number. A reader who comes back says which piece was the last one, and gets exactly those that follow. Nothing is skipped, and nothing is shown twice.',
    'The same numbers serve a second device. Open this conversation on your phone while the text is still growing here: it begins with what has been written so far and then grows along. Two readers, one answer, the same letters in the same order.',
    'Stopping works from anywhere, too. Press the button on one device, and the model is told to stop; what had arrived until then is kept and marked as stopped on all of them. You can ask again, or change your question, and nothing of the history is lost.',
    'When the answer is finished it is stored with its length, so that each reader can check that all of it has arrived. Only then is the work done. If the server dies before that moment, another one notices and takes the work over, and you will see the text begin anew.',
    'There is also the matter of speed. Sending each letter by itself would be wasteful, and sending whole paragraphs would feel slow. So the pieces are gathered for a few hundredths of a second: too short for you to notice, long enough to save most of the work.',
    'So much for a long answer. By now you have had time to reload the page or to press stop, and I hope that the text in front of you is whole.',
  ],
  demo: '*I am the built-in demo model and give prepared replies. To talk to a real one, set `OPENAI_API_KEY` (OpenAI), or `OPENAI_BASE_URL` (Ollama, vLLM, llama.cpp, DeepSeek and the like), and start again.*',
};
