// Gives the command that opened the page its engine, which works in a thread of its own.
import { wrap } from 'comlink';

window.engine = wrap(new Worker('worker.js', { type: 'module' }));
