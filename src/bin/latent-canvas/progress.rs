//! Progress bars of work that goes image by image.

use indicatif::{ProgressBar, ProgressStyle};

/// For so many images; nothing is shown when hidden.
pub fn of_images(count: usize, hidden: bool) -> ProgressBar {
    if hidden {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} images {eta}");
    ProgressBar::new(count as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
