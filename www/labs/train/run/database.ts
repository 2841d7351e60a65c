/** What the page keeps in this browser, and nowhere else: training runs, data files, the visitor's drawings. */

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

import type { OwnDrawing } from '../data/ownDrawings.svelte';
import type { SavedRun } from './autosave';

export interface Schema extends DBSchema {
  runs: { key: string; value: SavedRun; indexes: { savedAt: number } };
  files: { key: string; value: Blob };
  drawings: { key: number; value: OwnDrawing };
}

export type Database = IDBPDatabase<Schema>;

const NAME = 'latent-canvas';
const VERSION = 1;

let opened: Promise<Database> | undefined;

/** Opened at the first use. Rejects where the browser forbids storage. */
export function database(): Promise<Database> {
  opened ??= openDatabase(NAME);
  return opened;
}

export function openDatabase(name: string): Promise<Database> {
  return openDB<Schema>(name, VERSION, {
    upgrade(fresh) {
      fresh.createObjectStore('runs', { keyPath: 'id' }).createIndex('savedAt', 'savedAt');
      fresh.createObjectStore('files');
      fresh.createObjectStore('drawings', { keyPath: 'id' });
    },
  });
}
