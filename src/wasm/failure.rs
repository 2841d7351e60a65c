//! Errors and panics as JavaScript errors with a `.code`.

use std::sync::atomic::{AtomicBool, Ordering};

use js_sys::{Error as JsError, Reflect};
use wasm_bindgen::JsValue;

use crate::Error;

/// After a panic the memory may be half written, so nothing may be computed from it any more.
static PANICKED: AtomicBool = AtomicBool::new(false);

pub(super) type JsResult<T> = Result<T, JsValue>;

pub(super) fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        PANICKED.store(true, Ordering::Relaxed);
        let message = format!(
            "the engine stopped because of a defect in this program and must be restarted: {panic}"
        );
        wasm_bindgen::throw_val(error("panic", &message));
    }));
}

/// Refuses when this instance has panicked before.
pub(super) fn guard() -> JsResult<()> {
    if PANICKED.load(Ordering::Relaxed) {
        Err(error(
            "panic",
            "the engine stopped before, because of a defect in this program, and must be restarted",
        ))
    } else {
        Ok(())
    }
}

fn error(code: &str, message: &str) -> JsValue {
    let error = JsError::new(message);
    // Setting a property of a fresh Error cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}

impl From<Error> for JsValue {
    fn from(failure: Error) -> Self {
        error(failure.code(), &failure.to_string())
    }
}
