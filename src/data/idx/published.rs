//! Data sets told by checksum: a file's name says nothing, for several sets come under the same ones.

use sha2::{Digest, Sha256};

use crate::data::file_set::Part;

/// A file that its publisher made: whose, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Name of the data set.
    pub set: &'static str,
    /// Whether it is to train or to test with.
    pub part: Part,
}

/// Its files are known by their unpacked bytes: the packed ones differ between mirrors.
pub const MNIST: &str = "MNIST";
/// Its files are known by their packed bytes, as their publisher serves them.
pub const FASHION_MNIST: &str = "Fashion-MNIST";

/// SHA-256 of images and labels.
const KNOWN: [(&str, Part, [&str; 2]); 4] = [
    (
        MNIST,
        Part::Train,
        [
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ],
    ),
    (
        MNIST,
        Part::Test,
        [
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ],
    ),
    (
        FASHION_MNIST,
        Part::Train,
        [
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ],
    ),
    (
        FASHION_MNIST,
        Part::Test,
        [
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ],
    ),
];

/// The published file of this SHA-256.
pub(super) fn of(checksum: Sha256) -> Option<Published> {
    let hexadecimal: String = checksum
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    KNOWN
        .into_iter()
        .find(|(_, _, checksums)| checksums.contains(&hexadecimal.as_str()))
        .map(|(set, part, _)| Published { set, part })
}
