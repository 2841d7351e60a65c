//! The options of chains, for `posterior` and `repair`.

use latent_canvas::Result;
use latent_canvas::mcmc::{self, Start};

use crate::numbers::at_least;

/// How long to run, and from where.
#[derive(clap::Args, Clone)]
pub struct Chains {
    /// Chains for each image
    #[arg(long, default_value_t = 4, value_parser = at_least::<1>)]
    chains: usize,
    /// Warm-up steps of each chain before its first draw; they find the size of its moves
    #[arg(long, default_value_t = 500)]
    warm_up: usize,
    /// Draws of each chain
    #[arg(long, default_value_t = 1000, value_parser = at_least::<1>)]
    draws: usize,
    /// Where chains start: "encoder", all around the encoder's answer, or "prior", all but one at draws of the prior
    /// [default: encoder for `posterior`, prior for `repair`]
    #[arg(long, value_parser = Start::NAMES)]
    start: Option<String>,
}

impl Chains {
    /// `usual` is the default start.
    pub fn options(&self, usual: Start, seed: u64) -> Result<mcmc::Options> {
        Ok(mcmc::Options {
            chains: self.chains,
            warm_up: self.warm_up,
            draws: self.draws,
            start: match &self.start {
                Some(name) => Start::parse(name)?,
                None => usual,
            },
            seed,
        })
    }
}
