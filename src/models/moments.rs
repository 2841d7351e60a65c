//! Mean and covariance of rows that come in blocks.

use crate::linear_algebra::Moments;
use crate::math::check_rows;
use crate::nn::fused::gemm::{Matrix, Start, multiply};
use crate::{Error, Result};

/// Sums from which the [`Moments`] of any number of rows follow. Products of a block are taken in f32,
/// blocks are added in f64.
#[derive(Clone, Debug)]
pub struct RunningMoments {
    centre: Vec<f32>,
    rows: usize,
    sums: Vec<f64>,
    products: Vec<f64>,
    block: Vec<f32>,
}

impl RunningMoments {
    /// Of no rows yet. The nearer `centre` is to the mean, the less is lost to rounding.
    pub fn around(centre: &[f32]) -> Self {
        let width = centre.len();
        Self {
            centre: centre.to_vec(),
            rows: 0,
            sums: vec![0.0; width],
            products: vec![0.0; width * width],
            block: vec![0.0; width * width],
        }
    }

    /// Takes in a block, some hundred rows at best.
    ///
    /// # Shapes
    ///
    /// rows `[n, width of the centre]`.
    ///
    /// # Errors
    ///
    /// As [`check_rows`].
    pub fn add(&mut self, rows: &[f32]) -> Result<()> {
        let width = self.centre.len();
        let count = check_rows("rows", rows, width)?;
        let mut centred = Vec::with_capacity(rows.len());
        for row in rows.chunks_exact(width) {
            centred.extend(row.iter().zip(&self.centre).map(|(x, c)| x - c));
        }
        for row in centred.chunks_exact(width) {
            let terms = self.sums.iter_mut().zip(row);
            terms.for_each(|(sum, c)| *sum += f64::from(*c));
        }
        let matrix = Matrix::new(&centred, count, width);
        multiply(&mut self.block, matrix.t(), matrix, Start::Zero)?;
        add_to(&mut self.products, &self.block);
        self.rows += count;
        Ok(())
    }

    /// The moments of all rows so far.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when there were none.
    pub fn finish(&self) -> Result<Moments> {
        if self.rows == 0 {
            return Err(Error::argument("moments need at least one row"));
        }
        let rows = self.rows as f64;
        let offsets: Vec<f64> = self.sums.iter().map(|sum| sum / rows).collect();
        let mut scatter = self.products.clone();
        for (line, a) in scatter.chunks_exact_mut(offsets.len()).zip(&offsets) {
            let entries = line.iter_mut().zip(&offsets);
            entries.for_each(|(entry, b)| *entry -= rows * a * b);
        }
        let mean = self.centre.iter().zip(&offsets);
        Ok(Moments {
            rows: self.rows,
            mean: mean.map(|(c, offset)| f64::from(*c) + offset).collect(),
            scatter,
        })
    }
}

/// Adds what a block gave to what all of them give.
pub(super) fn add_to(sums: &mut [f64], block: &[f32]) {
    let terms = sums.iter_mut().zip(block);
    terms.for_each(|(sum, term)| *sum += f64::from(*term));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    #[test]
    fn blocks_and_centres_do_not_matter() {
        let rows = Rng::from_seed(4).normals(7 * 90);
        let exact = Moments::of(&rows, 7).unwrap();
        for (centre, block) in [(0.0, 90), (0.3, 13)] {
            let mut running = RunningMoments::around(&[centre; 7]);
            rows.chunks(7 * block)
                .for_each(|block| running.add(block).unwrap());
            let found = running.finish().unwrap();
            let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4);
            assert_eq!(found.rows, 90);
            assert!(near(&found.mean, &exact.mean) && near(&found.scatter, &exact.scatter));
        }
        let mut running = RunningMoments::around(&[0.0; 7]);
        assert_eq!(running.add(&rows[..8]).unwrap_err().code(), "shape");
        assert_eq!(running.finish().unwrap_err().code(), "invalid-argument");
    }
}
