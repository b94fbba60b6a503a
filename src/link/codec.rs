//! Bytes as text that survives in an address: a letter that names the codec, then base64url without padding.
//!
//! `j`: as they are. `d`: deflated (RFC 1951), where that is shorter.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The longest text that is looked at.
const TEXT_MAX: usize = 64 * 1024;
/// The most bytes that it may come to.
const BYTES_MAX: usize = 512 * 1024;
/// The deflater's level: the best that is still quick.
const LEVEL: u8 = 9;

/// The shorter of the two codecs.
pub fn pack(bytes: &[u8]) -> String {
    let deflated = miniz_oxide::deflate::compress_to_vec(bytes, LEVEL);
    if deflated.len() < bytes.len() {
        format!("d{}", URL_SAFE_NO_PAD.encode(deflated))
    } else {
        format!("j{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The bytes that were packed, or what is wrong.
pub fn unpack(text: &str) -> Result<Vec<u8>, String> {
    if text.len() > TEXT_MAX {
        return Err(format!("it is too long: {} characters, at most {TEXT_MAX}", text.len()));
    }
    let mut letters = text.chars();
    let codec = letters.next().ok_or("it is damaged: nothing follows its version")?;
    let payload = letters.as_str();
    // What a library says of its own formats helps nobody who has followed a link.
    let damaged = || "it is damaged: some of its characters are missing or are others than were sent".to_owned();
    let decoded = || URL_SAFE_NO_PAD.decode(payload).map_err(|_| damaged());
    match codec {
        'j' => decoded(),
        'd' => miniz_oxide::inflate::decompress_to_vec_with_limit(&decoded()?, BYTES_MAX).map_err(|_| damaged()),
        other => Err(format!("it uses the codec \"{}\", which this page does not know", other.escape_default())),
    }
}

/// A payload under a codec of the test's choice.
#[cfg(test)]
pub fn test_pack(codec: char, bytes: &[u8]) -> String {
    format!("{codec}{}", URL_SAFE_NO_PAD.encode(bytes))
}
