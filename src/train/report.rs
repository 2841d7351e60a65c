//! What a caller learns of a few steps.

use serde::Serialize;

/// What some steps of training gave: means over those steps, in nats per image.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    /// Steps done since the run began.
    pub step: u64,
    /// Passes over the data, with a fraction.
    pub epoch: f64,
    /// What was minimised: -reconstruction + beta KL (with free bits), or minus the importance weighted
    /// bound.
    pub loss: f64,
    /// reconstruction - kl.
    pub elbo: f64,
    /// E_q log p(x|z); all of log p(x) for a family that is fitted and not trained.
    pub reconstruction: f64,
    /// KL(q(z|x) || p(z)); 0 for a family that is fitted.
    pub kl: f64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// Images shown in these steps.
    pub images: u64,
    /// Whether numbers stopped being finite: the run went back to its last good state and halved the
    /// learning rate.
    pub recovered: bool,
}
