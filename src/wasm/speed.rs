//! Which build this is, and the greatest speed that this machine allows.

use wasm_bindgen::prelude::wasm_bindgen;

use super::failure::{JsResult, guard};
use crate::nn::fused::{parallel, roofline};

/// `"simd128"`, `"relaxed-simd"` or `"relaxed-simd+threads"`.
#[wasm_bindgen(js_name = buildName, unchecked_return_type = "Build")]
pub fn build_name() -> String {
    let simd = if cfg!(target_feature = "relaxed-simd") {
        "relaxed-simd"
    } else {
        "simd128"
    };
    let threads = if cfg!(feature = "threads") {
        "+threads"
    } else {
        ""
    };
    format!("{simd}{threads}")
}

/// How many threads share the work of a step.
#[wasm_bindgen(js_name = threadCount)]
pub fn thread_count() -> usize {
    parallel::threads()
}

/// Starts the threads that share the work from now on; the calling worker is one of them. It may be called only once, and never
/// on a page's main thread, which is not allowed to wait for others.
///
/// # Errors
///
/// When threads run already, or the page is not isolated from other origins.
#[cfg(feature = "threads")]
#[wasm_bindgen(js_name = startThreads, unchecked_return_type = "Promise<void>")]
pub fn start_threads(count: usize) -> js_sys::Promise {
    match count {
        0 | 1 => js_sys::Promise::resolve(&wasm_bindgen::JsValue::UNDEFINED),
        _ => wasm_bindgen_rayon::init_thread_pool(count - 1),
    }
}

/// Does `rounds` rounds of multiply-adds on registers alone, on every thread; returns the number of
/// floating-point operations done. With the time it took, that is the upper limit for any kernel of this build.
#[wasm_bindgen]
pub fn roofline(rounds: u32) -> JsResult<f64> {
    guard()?;
    Ok(roofline::roofline(rounds))
}
