//! The one error type of the crate.

use std::fmt::Display;

/// Everything that can go wrong, one variant for each thing a caller can do about it.
///
/// The message is a sentence that says what is wrong and, where it helps, what to do.
/// [`Error::code`] is the stable string that JavaScript sees as `error.code`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument is outside its documented domain.
    #[error("{0}")]
    InvalidArgument(String),
    /// An array has another length or shape than the call needs.
    #[error("{0}")]
    Shape(String),
    /// A data file (IDX, labels) is malformed.
    #[error("{0}")]
    Data(String),
    /// A checkpoint is malformed or does not fit the model it names.
    #[error("{0}")]
    Checkpoint(String),
    /// No model family of that name is registered.
    #[error("unknown model \"{name}\"; known models: {known}")]
    UnknownModel {
        /// The name that was asked for.
        name: String,
        /// The registered names, separated by commas.
        known: String,
    },
    /// The model cannot do what was asked (no exact grid for more than two latents, say).
    #[error("{0}")]
    Unsupported(String),
    /// A number stopped being finite and could not be recovered.
    #[error("{0}")]
    NonFinite(String),
    /// The tensor library failed; after input checks this is a defect of this crate.
    #[error("a computation failed because of a defect in this program: {0}")]
    Tensor(#[from] candle_core::Error),
    /// Reading or writing a file failed (command line only).
    #[error("{0}")]
    Io(String),
}

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A stable, machine-readable name of the kind of error, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidArgument(_) => "invalid-argument",
            Self::Shape(_) => "shape",
            Self::Data(_) => "data",
            Self::Checkpoint(_) => "checkpoint",
            Self::UnknownModel { .. } => "unknown-model",
            Self::Unsupported(_) => "unsupported",
            Self::NonFinite(_) => "non-finite",
            Self::Tensor(_) => "tensor",
            Self::Io(_) => "io",
        }
    }

    pub(crate) fn argument(message: impl Display) -> Self {
        Self::InvalidArgument(message.to_string())
    }

    pub(crate) fn shape(message: impl Display) -> Self {
        Self::Shape(message.to_string())
    }

    pub(crate) fn data(message: impl Display) -> Self {
        Self::Data(message.to_string())
    }

    pub(crate) fn checkpoint(message: impl Display) -> Self {
        Self::Checkpoint(message.to_string())
    }
}
