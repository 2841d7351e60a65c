//! Products of f32 matrices: in a browser our own kernel, natively that of the gemm crate.

#[cfg(any(target_arch = "wasm32", test))]
mod blocked;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(any(target_arch = "wasm32", test))]
mod pack;
#[cfg(any(target_arch = "wasm32", test))]
mod row;
#[cfg(any(target_arch = "wasm32", test))]
mod tile;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::output;

/// A matrix as strides over numbers; transposing moves none of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// `[rows, columns]` in row-major order.
    pub(crate) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix holds all its rows");
        Self {
            values,
            rows,
            columns,
            row_stride: columns,
            column_stride: 1,
        }
    }

    /// What a candle layout says of its storage.
    pub(crate) fn of(storage: &'a CpuStorage, layout: &Layout) -> Result<Self> {
        let (rows, columns) = layout.shape().dims2()?;
        let [row_stride, column_stride] = *layout.stride() else {
            candle_core::bail!("a matrix has two strides");
        };
        Ok(Self {
            values: &storage.as_slice::<f32>()?[layout.start_offset()..],
            rows,
            columns,
            row_stride,
            column_stride,
        })
    }

    /// The transpose.
    pub(crate) fn t(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn values(&self) -> &'a [f32] {
        self.values
    }

    #[cfg(any(target_arch = "wasm32", test))]
    fn block(self, row: usize, rows: usize, column: usize, columns: usize) -> Self {
        Self {
            values: &self.values[row * self.row_stride + column * self.column_stride..],
            rows,
            columns,
            ..self
        }
    }
}

/// What a product is added to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start<'a> {
    /// Nothing: what C holds is overwritten.
    Zero,
    /// The same numbers in every row, one a column.
    Bias(&'a [f32]),
    /// What C holds.
    Kept,
}

/// C = start + A B, C `[a.rows, b.columns]` in row-major order.
///
/// # Errors
///
/// When the sizes do not fit each other.
pub(crate) fn multiply(
    c: &mut [f32],
    a: Matrix<'_>,
    b: Matrix<'_>,
    start: Start<'_>,
) -> Result<()> {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    if k != b.rows {
        candle_core::bail!("{m} x {k} numbers cannot be multiplied by {} x {n}", b.rows);
    }
    if c.len() != m * n {
        candle_core::bail!("a product of {m} x {n} numbers does not fit {}", c.len());
    }
    match start {
        Start::Bias(bias) if bias.len() != n => {
            candle_core::bail!("{} biases were given to {n} outputs", bias.len())
        }
        _ if c.is_empty() => return Ok(()),
        Start::Bias(bias) if k == 0 => c.chunks_exact_mut(n).for_each(|c| c.copy_from_slice(bias)),
        Start::Zero if k == 0 => c.fill(0.0),
        Start::Kept if k == 0 => {}
        #[cfg(target_arch = "wasm32")]
        _ => blocked::multiply(c, a, b, start),
        #[cfg(not(target_arch = "wasm32"))]
        _ => native::multiply(c, a, b, start),
    }
    Ok(())
}

/// A B as new numbers.
///
/// # Errors
///
/// As [`multiply`].
pub(crate) fn product(a: Matrix<'_>, b: Matrix<'_>) -> Result<Vec<f32>> {
    let mut c = vec![0f32; a.rows * b.columns];
    multiply(&mut c, a, b, Start::Zero)?;
    Ok(c)
}

/// A B of tensors with any strides; no gradient.
///
/// # Shapes
///
/// `[m, k]`, `[k, n]` -> `[m, n]`.
pub(crate) fn matrix_product(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    a.apply_op2_no_bwd(b, &Product)
}

struct Product;

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "product"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (a, b) = (Matrix::of(a, a_layout)?, Matrix::of(b, b_layout)?);
        Ok(output(product(a, b)?, (a.rows, b.columns)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    fn exact(a: Matrix<'_>, b: Matrix<'_>, start: impl Fn(usize) -> f64) -> Vec<f64> {
        let at = |m: &Matrix<'_>, i: usize, j: usize| {
            f64::from(m.values[i * m.row_stride + j * m.column_stride])
        };
        (0..a.rows * b.columns)
            .map(|index| {
                let (i, j) = (index / b.columns, index % b.columns);
                let sum: f64 = (0..a.columns).map(|k| at(&a, i, k) * at(&b, k, j)).sum();
                start(index) + sum
            })
            .collect()
    }

    /// Every way of storing the operands and of starting, at sizes on, beside and beyond every block's
    /// edge; by the browser's kernel and by the native one.
    #[test]
    fn products_match_the_definition_at_every_edge() {
        let mut rng = Rng::from_seed(1);
        for (m, n, k) in [
            (1, 1, 1),
            (1, 13, 37),
            (3, 8, 16),
            (4, 8, 400),
            (3, 7, 5),
            (5, 9, 401),
            (7, 11, 18),
            (12, 6, 4),
            (13, 6, 4),
            (17, 10, 9),
            (133, 40, 17),
            (9, 1030, 33),
        ] {
            let (a, b) = (rng.normals(m * k), rng.normals(k * n));
            let (before, bias) = (rng.normals(m * n), rng.normals(n));
            for (at, bt) in [(false, false), (false, true), (true, false), (true, true)] {
                let a = if !at {
                    Matrix::new(&a, m, k)
                } else {
                    Matrix::new(&a, k, m).t()
                };
                let b = if !bt {
                    Matrix::new(&b, k, n)
                } else {
                    Matrix::new(&b, n, k).t()
                };
                for start in [Start::Zero, Start::Bias(&bias), Start::Kept] {
                    let wanted = exact(a, b, |index| match start {
                        Start::Zero => 0.0,
                        Start::Bias(bias) => f64::from(bias[index % n]),
                        Start::Kept => f64::from(before[index]),
                    });
                    let (mut ours, mut native) = (before.clone(), before.clone());
                    blocked::multiply(&mut ours, a, b, start);
                    multiply(&mut native, a, b, start).unwrap();
                    let bound = 1e-6 * (k as f64 + 1.0);
                    for ((ours, native), wanted) in ours.iter().zip(native).zip(wanted) {
                        assert!((f64::from(*ours) - wanted).abs() < bound, "{m} {n} {k}");
                        assert!((f64::from(native) - wanted).abs() < bound, "{m} {n} {k}");
                    }
                }
            }
        }
    }

    #[test]
    fn empty_products_and_sizes_that_do_not_fit() {
        let matrix = |rows, columns| Matrix::new(&[1.0; 6][..rows * columns], rows, columns);
        let mut c = vec![7.0; 6];
        multiply(&mut c, matrix(2, 0), matrix(0, 3), Start::Kept).unwrap();
        assert_eq!(c, [7.0; 6]);
        multiply(
            &mut c,
            matrix(2, 0),
            matrix(0, 3),
            Start::Bias(&[1.0, 2.0, 3.0]),
        )
        .unwrap();
        assert_eq!(c, [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
        assert!(product(matrix(0, 3), matrix(3, 2)).unwrap().is_empty());
        assert!(product(matrix(2, 3), matrix(2, 3)).is_err());
        assert!(multiply(&mut c, matrix(1, 3), matrix(3, 2), Start::Zero).is_err());
        assert!(multiply(&mut c, matrix(3, 1), matrix(1, 2), Start::Bias(&[0.0])).is_err());
    }
}
