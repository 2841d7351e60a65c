//! Counts on the command line, refused in words that say what is wanted.

use std::num::NonZeroUsize;

/// A count of at least `LEAST`.
pub fn at_least<const LEAST: usize>(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count >= LEAST);
    count.ok_or_else(|| wanted(LEAST))
}

/// A count of at least one.
pub fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| wanted(1))
}

fn wanted(least: usize) -> String {
    format!("a whole number of at least {least} is needed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_below_the_least_and_other_words_are_refused_alike() {
        assert_eq!(at_least::<2>("2"), Ok(2));
        for text in ["1", "0", "-1", "1.5", "many", ""] {
            assert_eq!(
                at_least::<2>(text),
                Err("a whole number of at least 2 is needed".into())
            );
        }
        assert_eq!(at_least_one("3").map(NonZeroUsize::get), Ok(3));
        assert!(at_least_one("0").is_err());
    }
}
