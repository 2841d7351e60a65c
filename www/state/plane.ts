/** A plane in a space of many latents: the two directions along which codes vary most. */

export class Plane {
  readonly #origin: Float32Array;
  readonly #directions: readonly [Float32Array, Float32Array];

  /** From the codes of three places on it: (0, 0), (1, 0) and (0, 1); the directions are orthonormal. */
  constructor(corners: Float32Array) {
    const size = corners.length / 3;
    this.#origin = corners.slice(0, size);
    const direction = (corner: number): Float32Array =>
      this.#origin.map((value, axis) => (corners[corner * size + axis] ?? 0) - value);
    this.#directions = [direction(1), direction(2)];
  }

  /** Where codes fall on the plane: n×K to n×2. */
  project(codes: Float32Array): Float32Array {
    const size = this.#origin.length;
    const count = codes.length / size;
    const places = new Float32Array(2 * count);
    for (let row = 0; row < count; row += 1) {
      for (const [component, direction] of this.#directions.entries()) {
        let sum = 0;
        for (let axis = 0; axis < size; axis += 1) {
          sum += ((codes[row * size + axis] ?? 0) - (this.#origin[axis] ?? 0)) * (direction[axis] ?? 0);
        }
        places[2 * row + component] = sum;
      }
    }
    return places;
  }

  /** The codes of places on the plane: n×2 to n×K. */
  lift(places: Float32Array): Float32Array {
    const size = this.#origin.length;
    const count = places.length / 2;
    const codes = new Float32Array(count * size);
    for (let row = 0; row < count; row += 1) {
      for (let axis = 0; axis < size; axis += 1) {
        codes[row * size + axis] =
          (this.#origin[axis] ?? 0) +
          (places[2 * row] ?? 0) * (this.#directions[0][axis] ?? 0) +
          (places[2 * row + 1] ?? 0) * (this.#directions[1][axis] ?? 0);
      }
    }
    return codes;
  }

  /** Covariance on the plane, [c11, c12, c22], of a Gaussian with independent latents. */
  covariance(variances: Float32Array): [number, number, number] {
    const sum = (a: Float32Array, b: Float32Array): number =>
      variances.reduce((total, variance, axis) => total + variance * (a[axis] ?? 0) * (b[axis] ?? 0), 0);
    const [first, second] = this.#directions;
    return [sum(first, first), sum(first, second), sum(second, second)];
  }
}
