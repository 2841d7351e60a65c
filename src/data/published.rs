//! Data sets told by checksum: a file's name says nothing, for several sets come under the same ones.

use md5::Md5;
use sha2::{Digest, Sha256};

use super::file_set::Part;

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
/// Its files are known by their packed bytes, likewise.
pub const KMNIST: &str = "KMNIST";
/// What the names of EMNIST's six sets begin with, and what their files are called after.
const EMNIST: &str = "EMNIST";

/// Checksums of one set: images and labels to train with, then those to test with.
struct Known {
    set: &'static str,
    checksums: [&'static str; 4],
}

/// SHA-256 of unpacked IDX files.
const UNPACKED: [Known; 1] = [Known {
    set: MNIST,
    checksums: [
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ],
}];

/// SHA-256 of the `.gz` files. Those of KMNIST stand in TensorFlow Datasets (`url_checksums/kmnist.txt`).
const PACKED: [Known; 2] = [
    Known {
        set: FASHION_MNIST,
        checksums: [
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ],
    },
    Known {
        set: KMNIST,
        checksums: [
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ],
    },
];

/// MD5 of the `.gz` files in EMNIST's `gzip.zip`: no longer checksum of them is published. They stand in Deeplearning4j
/// (`EmnistFetcher`) and in the Python package mnists, which agree.
const PACKED_MD5: [Known; 6] = [
    Known {
        set: "EMNIST ByClass",
        checksums: [
            "712dda0bd6f00690f32236ae4325c377",
            "ee299a3ee5faf5c31e9406763eae7e43",
            "1435209e34070a9002867a9ab50160d7",
            "7a0f934bd176c798ecba96b36fda6657",
        ],
    },
    Known {
        set: "EMNIST ByMerge",
        checksums: [
            "4a792d4df261d7e1ba27979573bf53f3",
            "491be69ef99e1ab1f5b7f9ccc908bb26",
            "8eb5d34c91f1759a55831c37ec2a283f",
            "c13f4cd5211cdba1b8fa992dae2be992",
        ],
    },
    Known {
        set: "EMNIST Balanced",
        checksums: [
            "4041b0d6f15785d3fa35263901b5496b",
            "7a35cc7b2b7ee7671eddf028570fbd20",
            "6818d20fe2ce1880476f747bbc80b22b",
            "acd3694070dcbf620e36670519d4b32f",
        ],
    },
    Known {
        set: "EMNIST Letters",
        checksums: [
            "8795078f199c478165fe18db82625747",
            "c16de4f1848ddcdddd39ab65d2a7be52",
            "382093a19703f68edac6d01b8dfdfcad",
            "d4108920cd86601ec7689a97f2de7f59",
        ],
    },
    Known {
        set: "EMNIST Digits",
        checksums: [
            "d2662ecdc47895a6bbfce25de9e9a677",
            "2223fcfee618ac9c89ef20b6e48bcf9e",
            "a159b8b3bd6ab4ed4793c1cb71a2f5cc",
            "8afde66ea51d865689083ba6bb779fac",
        ],
    },
    Known {
        set: "EMNIST MNIST",
        checksums: [
            "3663598a39195d030895b6304abb5065",
            "6c092f03c9bb63e678f80f8bc605fe37",
            "fb51b6430fc4dd67deaada1bf25d4524",
            "ae7f6be798a9a5d5f2bd32e078a402dd",
        ],
    },
];

/// The published file whose unpacked bytes have this checksum.
pub(super) fn of_unpacked(checksum: Sha256) -> Option<Published> {
    find(&UNPACKED, &checksum.finalize())
}

/// The published file of exactly these bytes, as they are served.
pub(super) fn of_packed(bytes: &[u8]) -> Option<Published> {
    find(&PACKED, &Sha256::digest(bytes)).or_else(|| find(&PACKED_MD5, &Md5::digest(bytes)))
}

fn find(known: &[Known], checksum: &[u8]) -> Option<Published> {
    let hexadecimal: String = checksum.iter().map(|byte| format!("{byte:02x}")).collect();
    known.iter().find_map(|Known { set, checksums }| {
        let place = checksums.iter().position(|known| *known == hexadecimal)?;
        let part = if place < 2 { Part::Train } else { Part::Test };
        Some(Published { set, part })
    })
}

/// Whether a set or file of this name holds its images with rows and columns exchanged, as all of EMNIST's do.
pub fn is_transposed(name: &str) -> bool {
    name.to_ascii_uppercase().contains(EMNIST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_checksum_is_of_its_kind_and_known_once() {
        let lengths = [(&UNPACKED[..], 64), (&PACKED, 64), (&PACKED_MD5, 32)];
        let mut all = Vec::new();
        for (known, digits) in lengths {
            for checksum in known.iter().flat_map(|known| known.checksums) {
                assert_eq!(checksum.len(), digits);
                assert!(
                    checksum
                        .bytes()
                        .all(|byte| b"0123456789abcdef".contains(&byte))
                );
                all.push(checksum);
            }
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!((all.len(), count), (36, 36));
    }

    #[test]
    fn a_checksum_tells_set_and_part() {
        let letters_to_test = b"\x38\x20\x93\xa1\x97\x03\xf6\x8e\xda\xc6\xd0\x1b\x8d\xfd\xfc\xad";
        let found = find(&PACKED_MD5, letters_to_test).unwrap();
        assert_eq!((found.set, found.part), ("EMNIST Letters", Part::Test));
        assert!(
            is_transposed(found.set) && is_transposed("emnist-digits-train-images-idx3-ubyte.gz")
        );
        assert!(!is_transposed("train-images-idx3-ubyte.gz"));
    }
}
