/** `#rrggbb` as three bytes; black for anything else. */
export function rgb(hex: string): [number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  const [red = 0, green = 0, blue = 0] = (match ?? []).slice(1).map((part) => parseInt(part, 16));
  return [red, green, blue];
}
