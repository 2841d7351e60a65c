//! Progress bars.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts images; nothing is shown when hidden.
pub fn of_images(count: usize, hidden: bool) -> ProgressBar {
    bar(count as u64, "{bar:30} {pos}/{len} images {eta}", hidden)
}

/// A bar that counts steps of training, with room for their figures.
pub fn of_steps(count: u64, hidden: bool) -> ProgressBar {
    bar(count, "{bar:30} {pos}/{len} {eta} {msg}", hidden)
}

fn bar(count: u64, template: &str, hidden: bool) -> ProgressBar {
    if hidden {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(count).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
