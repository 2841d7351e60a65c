//! What a defect looks like from JavaScript; in a binary of its own, because it ends the instance.
#![cfg(target_arch = "wasm32")]

use js_sys::{Function, Reflect};
use latent_canvas::wasm::{Dataset, model_families, normalize_strokes};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn code(error: &JsValue) -> Option<String> {
    Reflect::get(error, &"code".into()).unwrap().as_string()
}

#[wasm_bindgen_test]
fn a_panic_is_an_error_and_the_instance_refuses_further_calls() {
    latent_canvas::wasm::report_panics();
    assert!(model_families().is_ok());
    let defect = Closure::<dyn Fn()>::new(|| panic!("a planted defect"));
    let call: &Function = defect.as_ref().unchecked_ref();
    let error = call.call0(&JsValue::NULL).unwrap_err();
    assert_eq!(code(&error).as_deref(), Some("panic"));
    let message = js_sys::Error::from(error).message();
    assert!(String::from(message).contains("a planted defect"));
    assert_eq!(
        code(&model_families().unwrap_err()).as_deref(),
        Some("panic")
    );
    assert_eq!(
        code(&normalize_strokes(&[], &[], 0.1).unwrap_err()).as_deref(),
        Some("panic")
    );
    let Err(refused) = Dataset::strokes(1.0, 1.0) else {
        panic!("a poisoned instance must refuse");
    };
    assert_eq!(code(&refused).as_deref(), Some("panic"));
}
