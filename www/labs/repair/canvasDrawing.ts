/** What is drawn on the lab's own canvas: it stays while another part or lab is open. */

import { Drawing } from '../../state/drawing.svelte';

export const canvasDrawing = new Drawing();
