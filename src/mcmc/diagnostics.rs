//! Whether chains agree, and how many independent draws theirs equal (Gelman et al. 2013; Vehtari et al. 2021).

/// Split R-hat: each chain is cut into halves, so that a chain that drifts disagrees with itself. It is the square root of the
/// ratio of the variance over all draws to the variance within the halves; 1 for chains that never move, infinite for draws
/// that are not finite.
///
/// # Examples
///
/// ```
/// use latent_canvas::mcmc::diagnostics::split_r_hat;
///
/// let here: Vec<f64> = (0..100).map(|step| f64::from(step % 7)).collect();
/// let there: Vec<f64> = here.iter().map(|value| value + 100.0).collect();
/// assert!(split_r_hat(&[here.clone(), here.clone()]) < 1.1);
/// assert!(split_r_hat(&[here, there]) > 2.0);
/// ```
pub fn split_r_hat(chains: &[Vec<f64>]) -> f64 {
    let halves: Vec<&[f64]> = chains
        .iter()
        .flat_map(|chain| {
            let half = chain.len() / 2;
            [&chain[..half], &chain[chain.len() - half..]]
        })
        .collect();
    let (within, total) = variances(&halves);
    if !total.is_finite() {
        f64::INFINITY
    } else if within > 0.0 {
        (total / within).sqrt()
    } else if total > 0.0 {
        f64::INFINITY
    } else {
        1.0
    }
}

/// The number of independent draws with the same variance of the mean: m n / (1 + 2 sum_t rho_t), the sum
/// cut by Geyer's initial monotone sequence (Geyer 1992); 0 for draws that are not finite.
///
/// # Examples
///
/// ```
/// use latent_canvas::Rng;
/// use latent_canvas::mcmc::diagnostics::effective_samples;
///
/// let mut rng = Rng::from_seed(1);
/// let mut chain = || -> Vec<f64> { rng.normals(1000).into_iter().map(f64::from).collect() };
/// let independent = effective_samples(&[chain(), chain()]);
/// assert!((1600.0..2500.0).contains(&independent));
/// ```
pub fn effective_samples(chains: &[Vec<f64>]) -> f64 {
    let draws = chains.iter().map(Vec::len).min().unwrap_or(0);
    let all = (draws * chains.len()) as f64;
    let found = Correlations::of(chains);
    if !found.total.is_finite() {
        return 0.0;
    }
    if found.total <= 0.0 {
        return all;
    }
    let correlation = |lag| found.at(lag);
    let mut sum = 0.0;
    let mut least = f64::INFINITY;
    for lag in (0..draws.saturating_sub(1)).step_by(2) {
        let pair = correlation(lag) + correlation(lag + 1);
        if pair <= 0.0 {
            break;
        }
        least = least.min(pair);
        sum += least;
    }
    // Antithetic chains may be better than independent draws, but not without limit: the sum of the correlations of a few
    // draws may even be below 0.
    let draws_for_one = (2.0 * sum - 1.0).max(1.0 / all.log10().max(1.0));
    all / draws_for_one
}

/// The correlation rho_t of draws t steps apart, for t from 0 to `lags` or to the length of the chains; 0 where all draws are
/// the same or not finite.
pub fn autocorrelations(chains: &[Vec<f64>], lags: usize) -> Vec<f64> {
    let draws = chains.iter().map(Vec::len).min().unwrap_or(0);
    let found = Correlations::of(chains);
    let usable = found.total > 0.0 && found.total.is_finite();
    (0..=lags.min(draws.saturating_sub(1)))
        .map(|lag| if usable { found.at(lag) } else { 0.0 })
        .collect()
}

/// What is needed to compute the correlations of chains at any lag.
struct Correlations {
    /// Each chain minus its mean.
    centred: Vec<Vec<f64>>,
    within: f64,
    total: f64,
}

impl Correlations {
    fn of(chains: &[Vec<f64>]) -> Self {
        let rows: Vec<&[f64]> = chains.iter().map(Vec::as_slice).collect();
        let (within, total) = variances(&rows);
        let centred = |chain: &Vec<f64>| {
            let mean = mean(chain);
            chain.iter().map(|value| value - mean).collect()
        };
        Self {
            centred: chains.iter().map(centred).collect(),
            within,
            total,
        }
    }

    fn at(&self, lag: usize) -> f64 {
        let covariance = self
            .centred
            .iter()
            .map(|chain| autocovariance(chain, lag))
            .sum::<f64>();
        1.0 - (self.within - covariance / self.centred.len() as f64) / self.total
    }
}

/// The mean variance within chains, and an estimate of the variance of the whole from within and between.
fn variances(chains: &[&[f64]]) -> (f64, f64) {
    let draws = chains.iter().map(|chain| chain.len()).min().unwrap_or(0) as f64;
    let count = chains.len() as f64;
    let means: Vec<f64> = chains.iter().map(|chain| mean(chain)).collect();
    let within = chains
        .iter()
        .zip(&means)
        .map(|(chain, mean)| chain.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (draws - 1.0))
        .sum::<f64>()
        / count;
    let grand = mean(&means);
    let between = means.iter().map(|m| (m - grand).powi(2)).sum::<f64>() / (count - 1.0);
    (within, within * (draws - 1.0) / draws + between)
}

/// The autocovariance of a chain whose mean is 0.
fn autocovariance(centred: &[f64], lag: usize) -> f64 {
    let pairs = centred.iter().zip(&centred[lag..]);
    pairs.map(|(a, b)| a * b).sum::<f64>() / centred.len() as f64
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    /// x_t = rho x_{t-1} + noise: a draw is worth (1 - rho) / (1 + rho) of an independent one.
    fn autoregressive(rho: f64, draws: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut rng = Rng::from_seed(seed);
        (0..4)
            .map(|_| {
                let mut value = f64::from(rng.normal()) / (1.0 - rho * rho).sqrt();
                (0..draws)
                    .map(|_| {
                        value = rho * value + f64::from(rng.normal());
                        value
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn autoregressive_chains_are_worth_what_theory_says() {
        for rho in [0.0, 0.5, 0.9, -0.4] {
            let chains = autoregressive(rho, 5000, 7);
            let wanted = 20_000.0 * (1.0 - rho) / (1.0 + rho);
            let found = effective_samples(&chains);
            assert!(
                (found / wanted - 1.0).abs() < 0.15,
                "{rho}: {found} of {wanted}"
            );
            assert!((split_r_hat(&chains) - 1.0).abs() < 0.01, "{rho}");
        }
    }

    /// The correlation of draws t steps apart is rho^t. The standard error of a correlation of 20,000 draws is below 0.02 here;
    /// 0.06 is three of them, and the seed is fixed.
    #[test]
    fn correlations_fall_as_theory_says() {
        let found = autocorrelations(&autoregressive(0.8, 5000, 7), 10);
        assert_eq!(found.len(), 11);
        for (lag, found) in found.iter().enumerate() {
            let wanted = 0.8f64.powi(lag as i32);
            assert!((found - wanted).abs() < 0.06, "{lag}: {found} of {wanted}");
        }
        assert_eq!(autocorrelations(&[vec![1.0; 3], vec![1.0; 3]], 9), [0.0; 3]);
        assert!(autocorrelations(&[vec![], vec![]], 9) == [0.0]);
    }

    /// Chains that jump from side to side: in such a short run their correlations add up to less than -1/2.
    #[test]
    fn antithetic_chains_are_worth_more_than_their_draws_but_not_without_bound() {
        for seed in 0..20 {
            let chains = autoregressive(-0.95, 40, seed);
            let found = effective_samples(&chains);
            assert!((160.0..=160.0 * 160f64.log10()).contains(&found), "{found}");
        }
    }

    #[test]
    fn chains_that_disagree_or_drift_are_told() {
        let mut apart = autoregressive(0.0, 500, 3);
        apart[0].iter_mut().for_each(|v| *v += 2.0);
        assert!(split_r_hat(&apart) > 1.2);
        assert!(effective_samples(&apart) < 50.0);
        let mut drifting = autoregressive(0.0, 500, 3);
        for chain in &mut drifting {
            chain
                .iter_mut()
                .enumerate()
                .for_each(|(t, v)| *v += t as f64 / 100.0);
        }
        assert!(split_r_hat(&drifting) > 1.2);
        assert_eq!(split_r_hat(&[vec![1.0; 10], vec![1.0; 10]]), 1.0);
        assert_eq!(split_r_hat(&[vec![1.0; 10], vec![2.0; 10]]), f64::INFINITY);
        for broken in [f64::NAN, f64::INFINITY] {
            apart[1][7] = broken;
            assert_eq!(split_r_hat(&apart), f64::INFINITY);
            assert_eq!(effective_samples(&apart), 0.0);
        }
    }
}
