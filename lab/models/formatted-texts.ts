/** Answers with everything that the page formats, in several languages and directions. */
export const FORMATTED_TEXTS: readonly (readonly [name: string, text: string])[] = [
  [
    'prose',
    'Some *words* with **bold and _both_**, `code`, ~~gone~~, H~2~O and a [link](https://example.com/a_b "title").\n\nAnother\nline, <mark>marked</mark> and <kbd>Ctrl</kbd>. See https://example.com/x?y=1.\n',
  ],
  [
    'Chinese',
    '# 标题\n\n。**注意：**这里是**“引用”**的内容，*强调*。访问https://example.com/路径。谢谢\n\n- **第一：**一\n- 第二$x$项\n\n> 引用**重点：**内容\n',
  ],
  [
    'Arabic and Hebrew',
    'مرحبا **بالعالم**، كود `npm install` ومعادلة $x^2$.\n\n1. العنصر الأول\n2. العنصر الثاني\n\n| الاسم | القيمة |\n| --- | --- |\n| أحمد | ٥ |\n\nשלום **עולם**\n',
  ],
  [
    'formulas',
    'Inline $e^{i\\pi}+1=0$ and \\(a|b\\) for $5 and $10.\n\n$$\na\n=\n\\frac{b}{c}\n$$\n\n\\[\n- x\n+ y\n\\]\n\n| f | g |\n| - | - |\n| $|x|$ | $y$ |\n\n- item \\[ z \\] end\n\n> $$\n> q\n> $$\n\nA lone $ here.\n',
  ],
  [
    'code',
    '```js\nconst a = `$b$`;\n// **no**\n\nlet c = 1;\n```\n\nText\n\n- item\n\n  ```python\n  def f():\n      return 1\n  ```\n- next\n\n~~~\n``` inside\n~~~\n\n    indented\n',
  ],
  [
    'lists and tables',
    '- one\n- two\n  - nested **bold**\n    1. deep\n- three\n\n  loose\n\n- [x] done\n- [ ] open\n\n3. three\n4. four\n\n| a | b | c |\n|:--|:-:|--:|\n| 1 | `2` | **3** |\n| 4 | 5 | 6 |\n\nend\n',
  ],
  [
    'notes and headings',
    '## First\n\nA note[^1] and another[^why].\n\n#### Skipped\n\nSetext\n------\n\n---\n\ntext\n\n[^1]: The note.\n[^why]: Because **so**.\n    More.\n\nAfter [here].\n\n[here]: https://example.com\n',
  ],
  [
    'details and tags',
    'Before\n\n<details>\n<summary>More **x**</summary>\n\nHidden\n\n- a\n- b\n\n</details>\n\nAfter <b>bold <i>both</b> x <script>alert(1)</script>\n\n<div onclick="x">no</div>\n\n[bad](javascript:alert(1)) ![pic](https://example.com/p.png)\n',
  ],
];
