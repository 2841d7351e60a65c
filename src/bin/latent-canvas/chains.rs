//! Chains as `posterior` and `repair` take them.

use latent_canvas::mcmc;

/// How long to run.
#[derive(clap::Args, Clone, Copy)]
pub struct Chains {
    /// Chains for each image
    #[arg(long, default_value_t = 4)]
    chains: usize,
    /// Steps of each chain before its first draw, in which the size of its moves is found
    #[arg(long, default_value_t = 500)]
    warm_up: usize,
    /// Draws of each chain
    #[arg(long, default_value_t = 1000)]
    draws: usize,
}

impl Chains {
    pub fn options(self, seed: u64) -> mcmc::Options {
        let Self {
            chains,
            warm_up,
            draws,
        } = self;
        mcmc::Options {
            chains,
            warm_up,
            draws,
            seed,
        }
    }
}
