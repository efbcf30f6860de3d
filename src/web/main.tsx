import './styles/index.css';
import { render } from 'preact';
import { AppView } from './components/app-view.js';
import { createApp } from './state/app.js';

const root = document.getElementById('app');
if (root !== null) render(<AppView app={createApp()} />, root);
