//! Built-in digits without end: they make way for new ones while a run is trained on them.

use super::Dataset;
use crate::data::synth;
use crate::{PIXELS, Result};

/// The first images of a data set as places for built-in digits without end: the k-th renewal, from 0, puts digit
/// `places + k` of this seed into place `k mod places`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endless {
    seed: u64,
    places: usize,
}

impl Endless {
    /// The digit that lies in this place after `renewals` renewals, counted over all places.
    fn index(self, place: usize, renewals: u64) -> u64 {
        let (place, places) = (place as u64, self.places as u64);
        let times = (renewals + places - 1 - place) / places;
        place + times * places
    }
}

impl Dataset {
    /// The first `count` built-in digits of this seed, as [`Dataset::strokes`], which make way for the seed's next ones
    /// while a run is trained on them: what a model learns from them cannot be learnt by heart. A place keeps its class.
    ///
    /// # Errors
    ///
    /// As [`Dataset::strokes`].
    pub fn endless_strokes(count: usize, seed: u64) -> Result<Self> {
        let endless = Some(Endless {
            seed,
            places: count,
        });
        Ok(Self {
            endless,
            ..Self::strokes(count, seed)?
        })
    }

    /// Whether its images make way for new ones.
    pub fn is_endless(&self) -> bool {
        self.endless.is_some()
    }

    /// Goes from the state after `from` renewals to that after `to`, which may be fewer; places of `lasting` keep their
    /// first digit. The state after a number of renewals is the same whichever way led there.
    ///
    /// # Errors
    ///
    /// None for any seed and number; the type is that of [`synth::digit_of`].
    pub(crate) fn renew(
        &mut self,
        from: u64,
        to: u64,
        lasting: impl Fn(usize) -> bool,
    ) -> Result<()> {
        let Some(endless) = self.endless else {
            return Ok(());
        };
        let places = endless.places as u64;
        let (first, last) = (from.min(to), from.max(to));
        for renewal in first..last.min(first + places) {
            let place = (renewal % places) as usize;
            let (Some(label), false) = (self.labels[place], lasting(place)) else {
                continue;
            };
            let digit = synth::digit_of(endless.seed, endless.index(place, to), label)?;
            let pixels = digit.pixels()?;
            let grey = &mut self.grey[place * PIXELS..(place + 1) * PIXELS];
            for (value, pixel) in grey.iter_mut().zip(pixels) {
                *value = (pixel * 255.0).round() as u8;
            }
        }
        Ok(())
    }
}
