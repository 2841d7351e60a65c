/** An upper limit, in nats, of the error of every value that the page calls exact: `estimators::EXACT_NATS` of the crate. */
export const EXACT_NATS = 0.005;
