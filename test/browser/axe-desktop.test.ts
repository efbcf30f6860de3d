import { walkAllStates } from './states/walk.js';

walkAllStates('desktop');
