//! The committed goldens are what native code computes. `WRITE_GOLDENS=1 cargo test --test goldens`
//! makes them anew; `tests/web/` holds WebAssembly to the same numbers.
#![cfg(not(target_arch = "wasm32"))]
// The goldens are a file.
#![allow(clippy::disallowed_methods)]

#[path = "goldens/compute.rs"]
mod compute;
// Part of it is for tests/conformance.rs.
#[allow(dead_code)]
#[path = "conformance/mod.rs"]
mod suite;
#[path = "goldens/torch.rs"]
mod torch;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/goldens/native.json");
const FOR_PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/goldens/torch.json");

#[test]
fn native_code_reproduces_the_goldens() {
    let found = compute::compute();
    if std::env::var_os("WRITE_GOLDENS").is_some() {
        std::fs::write(FILE, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let golden = std::fs::read_to_string(FILE).unwrap();
    compute::compare(&found, &serde_json::from_str(&golden).unwrap());
}

#[test]
fn native_code_reproduces_the_goldens_of_the_python_package() {
    let write = std::env::var_os("WRITE_GOLDENS").is_some();
    let found = torch::compute(write);
    if write {
        std::fs::write(FOR_PYTHON, found.to_string() + "\n").unwrap();
    }
    let golden = std::fs::read_to_string(FOR_PYTHON).unwrap();
    let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
    compute::compare(&torch::numbers(&found), &torch::numbers(&golden));
}
