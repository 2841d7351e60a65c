import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { messages, translatedError } from './errors';
import german from './errors.de.json';

describe('translatedError', () => {
  beforeEach(() => {
    Object.assign(messages, german);
  });

  afterEach(() => {
    for (const message of Object.keys(messages)) Reflect.deleteProperty(messages, message);
  });

  it('shows a message as it is where there is no translation', () => {
    expect(translatedError('Failed to fetch')).toBe('Failed to fetch');
    for (const message of Object.keys(messages)) Reflect.deleteProperty(messages, message);
    expect(translatedError('the file is empty')).toBe('the file is empty');
  });

  it('puts values into their places, with their thousands apart', () => {
    expect(
      translatedError('the image file is cut off: its header says 60000 images, but only 1024 are there'),
    ).toBe(
      'Die Datei ist abgeschnitten: Ihr Anfang kündigt 60\u202f000 Bilder an, aber nur 1\u202f024 sind da',
    );
  });

  it('writes the decimals of a value with a comma', () => {
    expect(translatedError('beta must be a number from 0 to 0.5; got 1.25')).toBe(
      '„beta“ muss eine Zahl von 0 bis 0,5 sein; angegeben ist 1,25',
    );
  });

  it('translates a value that is a message itself', () => {
    expect(translatedError('“train (1).gz”: the file is empty')).toBe('„train (1).gz“: Die Datei ist leer');
    expect(
      translatedError(
        "the checkpoint's spec is not usable: latents must be a whole number from 1 to 128; got 0",
      ),
    ).toBe(
      'Die Beschreibung des Modells im Checkpoint ist nicht zu gebrauchen: „latents“ muss eine ganze Zahl von 1 bis 128 sein; angegeben ist 0',
    );
  });

  it('leaves names as they are, also those that are words of messages', () => {
    expect(translatedError('“image”: the file is empty')).toBe('„image“: Die Datei ist leer');
    expect(translatedError('“image” and “20240101” are labels of the same images; leave one out')).toBe(
      '„image“ und „20240101“ sind Klassen derselben Bilder; lass eine der Dateien weg',
    );
  });

  it('takes a value of several lines', () => {
    expect(
      translatedError('a computation failed because of a defect in this program: shapes differ\n   at nn'),
    ).toBe('Eine Rechnung ist wegen eines Fehlers im Programm gescheitert: shapes differ\n   at nn');
  });

  it.each(Object.entries(german))('finds its own translation of “%s”', (message, translation) => {
    const withValues = (text: string): string => text.replace(/\{[^{}]*\}/g, '7');
    expect(translatedError(withValues(message))).toBe(withValues(translation));
  });
});
