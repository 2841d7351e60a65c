"""Small data and what NumPy and scikit-learn make of them, for tests/linear_and_mixture.rs.

    python3 tests/goldens/linear_and_mixture.py > tests/goldens/linear_and_mixture.json

Made with NumPy 2.4 and scikit-learn 1.9. Log-likelihoods are sums over rows, in nats.
"""

import json

import numpy as np
from sklearn.decomposition import PCA, FactorAnalysis

rng = np.random.default_rng(20)


def gaussian_rows(count, width, factors):
    weight = rng.normal(size=(width, factors))
    noise = rng.uniform(0.2, 0.8, size=width)
    rows = 0.5 + rng.normal(size=(count, factors)) @ weight.T + noise * rng.normal(size=(count, width))
    return rows.round(3)


def ppca(rows, latents):
    """The formula of Tipping & Bishop; and scikit-learn, which divides the covariance by N - 1."""
    count, width = rows.shape
    values = np.linalg.eigvalsh(np.cov(rows.T, bias=True))[::-1]
    noise = values[latents:].mean()
    kept = np.log(values[:latents]).sum()
    formula = -count / 2 * (width * np.log(2 * np.pi) + kept + (width - latents) * np.log(noise) + width)
    pca = PCA(latents, svd_solver="full").fit(rows)
    return {
        "latents": latents,
        "formula": formula,
        "noise": noise,
        "unbiasedNoise": pca.noise_variance_,
        "unbiasedLogLikelihoods": pca.score_samples(rows).tolist(),
    }


def factor_analysis(rows, latents):
    model = FactorAnalysis(latents, tol=1e-12, max_iter=100_000, svd_method="lapack").fit(rows)
    return {
        "latents": latents,
        "logLikelihood": model.score_samples(rows).sum(),
        "noise": model.noise_variance_.tolist(),
        "covariance": model.get_covariance().ravel().tolist(),
    }


def mixture(components, width, count, iterations, pseudo_rows):
    prototypes = rng.uniform(0.05, 0.95, size=(components, width))
    rows = (rng.random((count, width)) < prototypes[rng.integers(components, size=count)]).astype(float)
    image = rows.mean(0).clip(0.001, 0.999)
    # Each component has seen one of the first rows, and the prior.
    means = (rows[:components] + pseudo_rows * image) / (1 + pseudo_rows)
    weights = np.full(components, 1 / components)

    def infer():
        joint = np.log(weights) + rows @ np.log(means).T + (1 - rows) @ np.log(1 - means).T
        log_p = np.logaddexp.reduce(joint, axis=1, keepdims=True)
        return np.exp(joint - log_p), log_p.sum()

    log_likelihoods = []
    for _ in range(iterations):
        responsibilities, log_likelihood = infer()
        log_likelihoods.append(log_likelihood)
        seen = responsibilities.sum(0)
        means = (responsibilities.T @ rows + pseudo_rows * image) / (seen + pseudo_rows)[:, None]
        weights = (seen + pseudo_rows) / (seen + pseudo_rows).sum()
    log_likelihoods.append(infer()[1])
    return {
        "components": components,
        "width": width,
        "pseudoRows": pseudo_rows,
        "rows": rows.astype(int).ravel().tolist(),
        "logLikelihoods": log_likelihoods,
        "weights": weights.tolist(),
    }


rows = gaussian_rows(150, 8, 3)
print(
    json.dumps(
        {
            "width": rows.shape[1],
            "rows": rows.ravel().tolist(),
            "ppca": [ppca(rows, latents) for latents in (1, 3, 6)],
            "factorAnalysis": [factor_analysis(rows, latents) for latents in (1, 3)],
            "mixture": mixture(4, 10, 200, 5, 0.7),
        }
    )
)
