import { walkAllStates } from './states/walk.js';

walkAllStates('phone');
