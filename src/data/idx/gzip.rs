//! Bytes out of gzip as people have it: several members one after another, zeros after the last one, packed
//! twice. Everything is a stream, so that the caller decides how much is unpacked.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};

use flate2::bufread::GzDecoder;

use crate::{Error, Result};

/// Packing what is packed already happens by mistake, once.
const MOST_LAYERS: usize = 2;
const FIRST_BYTES: [u8; 2] = [0x1f, 0x8b];

/// The plain bytes inside `bytes`, which may be packed or not.
///
/// # Errors
///
/// [`Error::Data`] when a gzip header is damaged or gzip was used more than twice. Damage further on is an error
/// of the reader that is given back.
pub(super) fn unpack(bytes: &[u8]) -> Result<Box<dyn BufRead + '_>> {
    let mut reader: Box<dyn BufRead + '_> = Box::new(bytes);
    for _ in 0..=MOST_LAYERS {
        let mut first = Vec::new();
        (&mut reader)
            .take(FIRST_BYTES.len() as u64)
            .read_to_end(&mut first)
            .map_err(damaged)?;
        let is_packed = first == FIRST_BYTES;
        let whole = Cursor::new(first).chain(reader);
        if !is_packed {
            return Ok(Box::new(whole));
        }
        let decoder = Some(GzDecoder::new(whole));
        reader = Box::new(BufReader::new(Members { decoder }));
    }
    Err(Error::data(
        "the file is packed by gzip more than twice; unpack it first",
    ))
}

/// What a failed read means to the owner of the file.
pub(super) fn damaged(cause: io::Error) -> Error {
    Error::data(format!("the gzip data is damaged or cut short: {cause}"))
}

/// Gzip members one after another, as `cat a.gz b.gz` writes them.
struct Members<R> {
    /// None after the last member.
    decoder: Option<GzDecoder<R>>,
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(mut decoder) = self.decoder.take() {
            let count = decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                self.decoder = Some(decoder);
                return Ok(count);
            }
            let mut rest = decoder.into_inner();
            if another_follows(&mut rest)? {
                self.decoder = Some(GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// Goes over the zeros that tapes and some tools add.
fn another_follows(rest: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = rest.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let next = bytes.get(zeros).copied();
        rest.consume(zeros);
        match next {
            None => {}
            Some(byte) if byte == FIRST_BYTES[0] => return Ok(true),
            Some(_) => {
                return Err(io::Error::new(
                    ErrorKind::InvalidData,
                    "bytes that are no gzip follow it",
                ));
            }
        }
    }
}
