//! How work that goes on for a while holds its model.

use std::ops::Deref;
use std::rc::Rc;

use super::Model;

/// A model that lends itself for as long as the work lasts, or one that the work keeps: what JavaScript starts and goes
/// on with later can borrow nothing.
#[derive(Clone, Debug)]
pub enum Handle<'a> {
    /// Somebody else's.
    Borrowed(&'a dyn Model),
    /// Kept by all who work with it.
    Shared(Rc<dyn Model>),
}

impl<'a> Deref for Handle<'a> {
    type Target = dyn Model + 'a;

    fn deref(&self) -> &(dyn Model + 'a) {
        match self {
            Self::Borrowed(model) => *model,
            Self::Shared(model) => model.as_ref(),
        }
    }
}
