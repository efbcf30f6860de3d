import { startContents } from './contents.js';
import { startExamples } from './examples.js';
import { startSearch } from './search.js';
import { startTheme } from './theme.js';

const root = document.documentElement;
startTheme(root);
startExamples(document);
const contents = startContents(document);
startSearch(document, contents.close);
root.dataset.scripted = '';
