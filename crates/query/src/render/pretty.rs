//! `prettyPrint`: lays compact JSON out with four spaces a level, in pieces as they come.

/// What the piece before ended in.
#[derive(Debug, Default)]
pub struct Pretty {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// An opening bracket whose first item has not come yet.
    opened: bool,
}

impl Pretty {
    /// Appends `compact`, laid out.
    pub fn push(&mut self, out: &mut Vec<u8>, compact: &[u8]) {
        for byte in compact {
            let byte = *byte;
            if self.in_string {
                out.push(byte);
                self.in_string = self.escaped || byte != b'"';
                self.escaped = !self.escaped && byte == b'\\';
                continue;
            }
            let closes = matches!(byte, b'}' | b']');
            if self.opened && !closes {
                self.depth += 1;
                self.line(out);
            }
            if closes && !self.opened {
                self.depth = self.depth.saturating_sub(1);
                self.line(out);
            }
            self.opened = matches!(byte, b'{' | b'[');
            out.push(byte);
            match byte {
                b'"' => self.in_string = true,
                b',' => self.line(out),
                b':' => out.push(b' '),
                _ => {}
            }
        }
    }

    fn line(&self, out: &mut Vec<u8>) {
        out.push(b'\n');
        out.resize(out.len() + 4 * self.depth, b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_in_whatever_pieces_it_comes() {
        let compact = br#"{"data":[{"a":"x,{\"y\\","b":[],"c":{}},1],"errors":null}"#;
        let laid_out = "{\n    \"data\": [\n        {\n            \"a\": \"x,{\\\"y\\\\\",\n            \"b\": [],\n            \
                        \"c\": {}\n        },\n        1\n    ],\n    \"errors\": null\n}";
        for size in 1..compact.len() {
            let (mut pretty, mut out) = (Pretty::default(), Vec::new());
            for piece in compact.chunks(size) {
                pretty.push(&mut out, piece);
            }
            assert_eq!(String::from_utf8_lossy(&out), laid_out);
        }
    }
}
