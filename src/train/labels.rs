//! Which images' classes a run may know, and which it is told at a step.

use crate::data::{CLASSES, Dataset};
use crate::{Result, Rng};

/// One image with a chosen label for every five others: enough to learn the classes from, but few enough that the bound is not
/// mostly about them.
const KNOWN_SHARE: usize = 5;

/// The labels that a run has, of all images of its data.
#[derive(Debug)]
pub(super) struct Labels {
    /// Each image's, if it may be known.
    kept: Vec<Option<u8>>,
    /// The images whose labels are kept, if they are a choice among all.
    chosen: Vec<u32>,
}

/// The images of a step, those of known class first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub indices: Vec<u32>,
    pub labels: Vec<Option<u8>>,
}

impl Labels {
    /// Keeps `count` labels, the classes as evenly as the data allow; all of them for 0.
    pub fn new(data: &Dataset, count: usize, rng: &Rng) -> Result<Self> {
        let all = data.labels(0, data.len())?;
        if count == 0 {
            return Ok(Self {
                kept: all.to_vec(),
                chosen: Vec::new(),
            });
        }
        let mut order: Vec<u32> = (0..data.len() as u32).collect();
        rng.split("labels").shuffle(&mut order);
        let mut of_class = vec![Vec::new(); CLASSES];
        for index in order {
            if let Some(label) = all[index as usize]
                && let Some(images) = of_class.get_mut(usize::from(label))
            {
                images.push(index);
            }
        }
        let most = of_class.iter().map(Vec::len).max().unwrap_or_default();
        let chosen: Vec<u32> = (0..most)
            .flat_map(|round| of_class.iter().filter_map(move |images| images.get(round)))
            .take(count)
            .copied()
            .collect();
        let mut kept = vec![None; data.len()];
        for index in &chosen {
            kept[*index as usize] = all[*index as usize];
        }
        Ok(Self { kept, chosen })
    }

    /// Whether this image is one of those that were chosen to have a label: it must stay what it is.
    pub fn is_chosen(&self, index: usize) -> bool {
        !self.chosen.is_empty() && self.kept.get(index).is_some_and(Option::is_some)
    }

    /// The labels of these images, each hidden with this probability.
    pub fn hide_some(&self, indices: &[u32], probability: f64, rng: &mut Rng) -> Vec<Option<u8>> {
        let label = |index: &u32| self.kept[*index as usize];
        indices
            .iter()
            .map(|index| label(index).filter(|_| f64::from(rng.uniform()) >= probability))
            .collect()
    }

    /// These images and, where few labels were chosen, as many more with one, so that a step has some; those of
    /// known class first.
    pub fn with_known(&self, indices: &[u32], rng: &mut Rng) -> Told {
        let more = if self.chosen.is_empty() {
            0
        } else {
            indices.len().div_ceil(KNOWN_SHARE)
        };
        let mut all: Vec<u32> = (0..more)
            .map(|_| self.chosen[rng.below(self.chosen.len())])
            .collect();
        all.extend_from_slice(indices);
        let is_known = |index: &u32| self.kept[*index as usize].is_some();
        let (mut known, unknown): (Vec<u32>, Vec<u32>) = all.into_iter().partition(is_known);
        known.extend(unknown);
        Told {
            labels: known
                .iter()
                .map(|index| self.kept[*index as usize])
                .collect(),
            indices: known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_chosen_evenly_and_those_of_known_class_come_first() {
        let data = Dataset::strokes(300, 1).unwrap();
        let rng = Rng::from_seed(2);
        let labels = Labels::new(&data, 30, &rng).unwrap();
        let mut counts = [0; CLASSES];
        for label in labels.kept.iter().flatten() {
            counts[usize::from(*label)] += 1;
        }
        assert_eq!(counts, [3; CLASSES]);
        let indices: Vec<u32> = (0..20).collect();
        let told = labels.with_known(&indices, &mut rng.split("step"));
        assert_eq!(told.indices.len(), 24);
        let known = told.labels.iter().take_while(|l| l.is_some()).count();
        assert!(known >= 4 && told.labels[known..].iter().all(Option::is_none));
        for (index, label) in told.indices.iter().zip(&told.labels).take(known) {
            assert_eq!(*label, data.labels(*index as usize, 1).unwrap()[0]);
        }
        let all = Labels::new(&data, 0, &rng).unwrap();
        assert_eq!(
            all.with_known(&indices, &mut rng.split("step")).indices,
            indices
        );
        let hidden = all.hide_some(&indices, 1.0, &mut rng.split("step"));
        assert_eq!(hidden, vec![None; 20]);
        let shown = all.hide_some(&indices, 0.0, &mut rng.split("step"));
        assert_eq!(shown, data.labels(0, 20).unwrap());
    }
}
