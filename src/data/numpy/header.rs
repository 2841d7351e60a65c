//! The header of a `.npy` file: a Python dictionary that says what numbers follow, in which order and shape.
//!
//! Layout (NumPy enhancement proposal 1): the bytes `\x93NUMPY`, two bytes of version, the header's length (two bytes
//! little-endian in version 1, four later), the header.

use std::io::Read;

use super::super::contents::Items;
use super::damaged;
use crate::{Error, PIXELS, Result, SIDE};

/// What a `.npy` file begins with.
pub(super) const FIRST_BYTES: &[u8] = b"\x93NUMPY";
/// NumPy writes some hundreds of bytes and reads at most ten thousand.
const MOST_BYTES: usize = 1 << 16;

/// What the bytes of one number mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Unsigned,
    Signed,
    Float,
}

/// A header, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub kind: Kind,
    pub bytes_each: usize,
    pub big_endian: bool,
    pub shape: Vec<u64>,
}

impl Header {
    pub fn read(reader: &mut dyn Read) -> Result<Self> {
        let start: [u8; 8] = exactly(reader)?;
        if !start.starts_with(FIRST_BYTES) {
            return Err(Error::data("no NumPy array: it does not begin as one"));
        }
        let length = match start[6] {
            1 => usize::from(u16::from_le_bytes(exactly(reader)?)),
            2 | 3 => u32::from_le_bytes(exactly(reader)?) as usize,
            version => {
                return Err(Error::data(format!(
                    "the NumPy array has the format version {version}; versions 1 to 3 can be read"
                )));
            }
        };
        let mut text = Vec::new();
        reader
            .take(length.min(MOST_BYTES) as u64)
            .read_to_end(&mut text)
            .map_err(damaged)?;
        if text.len() < length.min(MOST_BYTES) {
            return Err(cut_off());
        }
        Self::parse(&String::from_utf8_lossy(&text))
    }

    fn parse(text: &str) -> Result<Self> {
        let unreadable = || Error::data("the header of the NumPy array cannot be understood");
        let descr = value_of(text, "descr").ok_or_else(unreadable)?;
        let Some(descr) = quoted(descr) else {
            return Err(Error::data(
                "the NumPy array holds records of several fields; save images and labels as arrays of their own",
            ));
        };
        let order = value_of(text, "fortran_order").ok_or_else(unreadable)?;
        if order.starts_with("True") {
            return Err(Error::data(
                "the NumPy array is stored column by column (Fortran order); save numpy.ascontiguousarray of it",
            ));
        }
        let shape = value_of(text, "shape").ok_or_else(unreadable)?;
        let shape = shape
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .ok_or_else(unreadable)?
            .0;
        let shape = shape
            .split(',')
            .map(str::trim)
            .filter(|size| !size.is_empty())
            .map(|size| size.trim_end_matches('L').parse().map_err(|_| unreadable()));
        let (kind, bytes_each) = number(descr)?;
        Ok(Self {
            kind,
            bytes_each,
            big_endian: descr.starts_with('>'),
            shape: shape.collect::<Result<_>>()?,
        })
    }

    /// What an array of this shape holds, and how many of them.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] for any other shape, and where there is nothing.
    pub fn items(&self) -> Result<(Items, u64)> {
        let (side, pixels) = (SIDE as u64, PIXELS as u64);
        let (items, count) = match self.shape[..] {
            [count, a, b] if [a, b] == [side; 2] => (Items::Images, count),
            [count, 1, a, b] | [count, a, b, 1] if [a, b] == [side; 2] => (Items::Images, count),
            [count, row] if row == pixels => (Items::Images, count),
            [a, b] if [a, b] == [side; 2] => (Items::Images, 1),
            [count] | [count, 1] => (Items::Labels, count),
            _ => {
                return Err(Error::data(format!(
                    "the NumPy array has the shape {}; images are (N, {SIDE}, {SIDE}) or (N, {PIXELS}), labels (N,)",
                    self.shape_text()
                )));
            }
        };
        if count == 0 {
            return Err(Error::data(format!(
                "the NumPy array has the shape {}: there is nothing in it",
                self.shape_text()
            )));
        }
        Ok((items, count))
    }

    /// As Python writes it.
    pub fn shape_text(&self) -> String {
        let sizes: Vec<_> = self.shape.iter().map(u64::to_string).collect();
        match &sizes[..] {
            [only] => format!("({only},)"),
            sizes => format!("({})", sizes.join(", ")),
        }
    }
}

/// `|u1`, `<f4` and the like: what kind of number, of how many bytes.
fn number(descr: &str) -> Result<(Kind, usize)> {
    let number = match descr.trim_start_matches(['<', '>', '|', '=']) {
        "b1" => (Kind::Bool, 1),
        "f4" => (Kind::Float, 4),
        "f8" => (Kind::Float, 8),
        "u1" => (Kind::Unsigned, 1),
        "u2" => (Kind::Unsigned, 2),
        "u4" => (Kind::Unsigned, 4),
        "u8" => (Kind::Unsigned, 8),
        "i1" => (Kind::Signed, 1),
        "i2" => (Kind::Signed, 2),
        "i4" => (Kind::Signed, 4),
        "i8" => (Kind::Signed, 8),
        _ => {
            return Err(Error::data(format!(
                "the NumPy array holds values of type \"{descr}\"; bytes, whole numbers, float32 and float64 can be read"
            )));
        }
    };
    Ok(number)
}

/// What stands after a key of the dictionary.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    ['\'', '"'].iter().find_map(|quote| {
        let (_, rest) = text.split_once(&format!("{quote}{key}{quote}"))?;
        Some(rest.trim_start().strip_prefix(':')?.trim_start())
    })
}

/// What stands between quotation marks at the beginning.
fn quoted(text: &str) -> Option<&str> {
    let quote = text
        .chars()
        .next()
        .filter(|first| ['\'', '"'].contains(first))?;
    text[1..].split(quote).next()
}

fn exactly<const N: usize>(reader: &mut dyn Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes).map_err(|cause| {
        if cause.kind() == std::io::ErrorKind::UnexpectedEof {
            cut_off()
        } else {
            damaged(cause)
        }
    })?;
    Ok(bytes)
}

fn cut_off() -> Error {
    Error::data("the NumPy array is truncated: it ends inside its header")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Header> {
        Header::parse(text)
    }

    #[test]
    fn a_header_is_read_as_numpy_writes_it_and_as_others_do() {
        let expected = Header {
            kind: Kind::Float,
            bytes_each: 4,
            big_endian: false,
            shape: vec![5, 28, 28],
        };
        for text in [
            "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 28, 28), }",
            "{\"shape\":(5L,28L,28L),\"fortran_order\":False,\"descr\":\"<f4\"}\n",
        ] {
            assert_eq!(parsed(text).unwrap(), expected);
        }
        let big = parsed("{'descr': '>i8', 'fortran_order': False, 'shape': (7,)}").unwrap();
        assert_eq!(
            (big.kind, big.bytes_each, big.big_endian),
            (Kind::Signed, 8, true)
        );
        assert_eq!(big.items().unwrap(), (Items::Labels, 7));
        assert_eq!(big.shape_text(), "(7,)");
    }

    #[test]
    fn shapes_say_what_an_array_holds() {
        let of = |shape: &[u64]| {
            Header {
                shape: shape.to_vec(),
                ..parsed("{'descr': '|u1', 'fortran_order': False, 'shape': ()}").unwrap()
            }
            .items()
        };
        for shape in [
            &[9, 28, 28][..],
            &[9, 784],
            &[9, 1, 28, 28],
            &[9, 28, 28, 1],
        ] {
            assert_eq!(of(shape).unwrap(), (Items::Images, 9));
        }
        assert_eq!(of(&[28, 28]).unwrap(), (Items::Images, 1));
        assert_eq!(of(&[9, 1]).unwrap(), (Items::Labels, 9));
        for (shape, words) in [
            (&[][..], "shape ()"),
            (&[9, 32, 32], "shape (9, 32, 32); images are (N, 28, 28)"),
            (&[9, 28, 28, 3], "(9, 28, 28, 3)"),
            (&[0, 28, 28], "nothing in it"),
        ] {
            let fault = of(shape).unwrap_err().to_string();
            assert!(fault.contains(words), "{fault}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (text, words) in [
            (
                "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}",
                "type \"<c8\"",
            ),
            (
                "{'descr': '<U5', 'fortran_order': False, 'shape': (1,)}",
                "type \"<U5\"",
            ),
            (
                "{'descr': '', 'fortran_order': False, 'shape': (1,)}",
                "type \"\"",
            ),
            (
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
                "several fields",
            ),
            (
                "{'descr': '|u1', 'fortran_order': True, 'shape': (1,)}",
                "Fortran order",
            ),
            (
                "{'descr': '|u1', 'fortran_order': False, 'shape': (1,",
                "cannot be understood",
            ),
            (
                "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}",
                "cannot be understood",
            ),
            ("{'descr'", "cannot be understood"),
        ] {
            let fault = parsed(text).unwrap_err().to_string();
            assert!(fault.contains(words), "{fault}");
        }
    }
}
