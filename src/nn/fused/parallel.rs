//! Work on parts of tensors, shared between threads where the build has them (feature `threads`).
//!
//! What a part computes never depends on how many parts there are, so results do not depend on the
//! number of threads.

#[cfg(feature = "threads")]
use super::team;

/// Least numbers in a part: below this, waking a thread costs more than it saves.
const LEAST_PART: usize = 8192;

/// How many threads share the work: the caller and its helpers.
pub fn threads() -> usize {
    #[cfg(feature = "threads")]
    return team::helpers() + 1;
    #[cfg(not(feature = "threads"))]
    return 1;
}

/// Rows of `width` numbers in a part, a multiple of `unit`; all of them where there is one thread.
pub(crate) fn part(rows: usize, width: usize, unit: usize) -> usize {
    let threads = if rows * width < 2 * LEAST_PART {
        1
    } else {
        threads()
    };
    // Several parts a thread: one that is held up leaves the rest of its own to others.
    let parts = if threads == 1 { 1 } else { 4 * threads };
    rows.div_ceil(parts).next_multiple_of(unit).max(unit)
}

/// Does every job; returns when all are done.
pub(crate) fn run<J: Send>(
    jobs: impl ExactSizeIterator<Item = J> + Send,
    work: impl Fn(J) + Sync + Send,
) {
    #[cfg(feature = "threads")]
    if jobs.len() > 1 {
        return team::share(jobs, work);
    }
    jobs.for_each(work);
}

/// Keeps the helpers from falling asleep between one call of [`run`] and the next while it lives: to
/// wake one takes as long as a small product.
pub(crate) struct Awake {
    #[cfg(feature = "threads")]
    _team: team::Awake,
}

pub(crate) fn awake() -> Awake {
    Awake {
        #[cfg(feature = "threads")]
        _team: team::Awake::new(),
    }
}

/// Runs a loop compiled for the widest vectors that this processor has. In a browser the build says
/// what there is.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(not(target_arch = "wasm32"))]
    return pulp::Arch::new().dispatch(work);
    #[cfg(target_arch = "wasm32")]
    return work();
}

/// v = f(v) for every number.
pub(crate) fn map(values: &mut [f32], f: impl Fn(f32) -> f32 + Sync + Send) {
    let part = part(values.len(), 1, 64);
    run(values.chunks_mut(part), |values| {
        vectorised(|| values.iter_mut().for_each(|v| *v = f(*v)));
    });
}

/// v = f(v, w) for every number v and the w beside it.
pub(crate) fn combine(
    values: &mut [f32],
    others: &[f32],
    f: impl Fn(f32, f32) -> f32 + Sync + Send,
) {
    let part = part(values.len(), 1, 64);
    run(
        values.chunks_mut(part).zip(others.chunks(part)),
        |(values, others)| {
            vectorised(|| {
                values
                    .iter_mut()
                    .zip(others)
                    .for_each(|(v, w)| *v = f(*v, *w))
            });
        },
    );
}
