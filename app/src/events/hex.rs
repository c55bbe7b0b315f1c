//! Bytes as a hex dump: place, sixteen bytes, and their ASCII reading.

/// One line of the dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HexLine {
    /// Place of the first byte, four hex digits or more.
    pub at: String,
    /// `7b 22 6f 72 64 65 72 49  64 22 …`, padded to full width.
    pub bytes: String,
    /// Printable ASCII, a dot for the rest.
    pub ascii: String,
}

const PER_LINE: usize = 16;

/// The bytes of a text of hex digits; stops at the first thing that is none.
pub fn bytes_of(hex: &str) -> Vec<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    hex.as_bytes().chunks_exact(2).map_while(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// The dump of a text of hex digits.
pub fn dump(hex: &str) -> Vec<HexLine> {
    bytes_of(hex)
        .chunks(PER_LINE)
        .enumerate()
        .map(|(i, line)| {
            let mut bytes = String::with_capacity(PER_LINE * 3 + 1);
            for n in 0..PER_LINE {
                if n == PER_LINE / 2 {
                    bytes.push(' ');
                }
                match line.get(n) {
                    Some(b) => bytes.push_str(&format!("{b:02x} ")),
                    None => bytes.push_str("   "),
                }
            }
            bytes.pop();
            let ascii = line.iter().map(|b| if (0x20..0x7f).contains(b) { char::from(*b) } else { '.' }).collect();
            HexLine { at: format!("{:04x}", i * PER_LINE), bytes, ascii }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex_of(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn dumps_sixteen_bytes_a_line() {
        let text: Vec<u8> = (0x41..0x41 + 18).chain([0, 0xff]).collect();
        let lines = dump(&hex_of(&text));
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].at, "0000");
        assert_eq!(lines[0].bytes, "41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50");
        assert_eq!(lines[0].ascii, "ABCDEFGHIJKLMNOP");
        assert_eq!(lines[1].at, "0010");
        assert!(lines[1].bytes.starts_with("51 52 00 ff "));
        assert_eq!(lines[1].bytes.len(), lines[0].bytes.len());
        assert_eq!(lines[1].ascii, "QR..");
    }

    #[test]
    fn bytes_survive_hex_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes_of(&hex_of(&all)), all);
        assert_eq!(bytes_of("7bzz22"), [0x7b]);
        assert!(bytes_of("").is_empty() && dump("").is_empty());
    }
}
