//! The threads that share the work: whoever calls, and helpers of rayon's pool.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// How often the caller looks whether its helpers have finished before it sleeps: some hundred
/// microseconds, several times what a part takes.
const LOOKS: u32 = 100_000;

/// Threads beside the caller. In a browser the caller is no thread of the pool.
pub(super) fn helpers() -> usize {
    match rayon::current_thread_index() {
        None if cfg!(target_arch = "wasm32") => rayon::current_num_threads(),
        _ => rayon::current_num_threads() - 1,
    }
}

/// Does every job; whoever is free takes the next one.
pub(super) fn share<J: Send>(
    jobs: impl ExactSizeIterator<Item = J> + Send,
    work: impl Fn(J) + Sync + Send,
) {
    let helpers = helpers().min(jobs.len() - 1);
    let at_work = AtomicUsize::new(helpers);
    let jobs = Mutex::new(jobs);
    let take_turns = || {
        let next = || jobs.lock().ok()?.next();
        while let Some(job) = next() {
            work(job);
        }
    };
    rayon::in_place_scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(|_| {
                take_turns();
                at_work.fetch_sub(1, Ordering::Release);
            });
        }
        take_turns();
        // The scope waits as well, but asleep.
        let mut looks = 0;
        while at_work.load(Ordering::Acquire) > 0 && looks < LOOKS {
            std::hint::spin_loop();
            looks += 1;
        }
    });
}

/// While it lives, helpers look for work without a pause. In browsers alone: natively the caller may be
/// one of the pool's threads, which must not wait for itself.
pub(super) struct Awake(Arc<AtomicBool>);

impl Awake {
    pub(super) fn new() -> Self {
        let awake = Arc::new(AtomicBool::new(true));
        if cfg!(target_arch = "wasm32") && rayon::current_thread_index().is_none() {
            let flag = awake.clone();
            rayon::spawn_broadcast(move |_| {
                while flag.load(Ordering::Acquire) {
                    rayon::yield_now();
                }
            });
        }
        Self(awake)
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
