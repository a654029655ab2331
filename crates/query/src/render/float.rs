//! Floats as Go's JSON has them.

use std::io::Write as _;

/// The shortest digits that read back as the same number: with an exponent below 1e-6 and from 1e21 on.
/// NaN and the infinities, which JSON has not, are strings; minus zero is 0, as Go Jaeger answers.
pub fn push(out: &mut Vec<u8>, number: f64) {
    if !number.is_finite() {
        let text: &[u8] = match number {
            f64::INFINITY => b"\"+Inf\"",
            f64::NEG_INFINITY => b"\"-Inf\"",
            _ => b"\"NaN\"",
        };
        out.extend_from_slice(text);
        return;
    }
    if number == 0.0 {
        out.push(b'0');
        return;
    }
    // Writing to a Vec cannot fail.
    let _infallible = if (1e-6..1e21).contains(&number.abs()) {
        write!(out, "{number}")
    } else {
        let text = format!("{number:e}");
        // Go writes the sign of a positive exponent too.
        match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => write!(out, "{digits}e+{exponent}"),
            _ => write!(out, "{text}"),
        }
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn floats_have_gos_form() {
        for (number, text) in [
            (1.5, "1.5"),
            (3.0, "3"),
            (-2.5, "-2.5"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (0.000_001, "0.000001"),
            (1e-7, "1e-7"),
            (1.5e-10, "1.5e-10"),
            (1.0 / 3.0, "0.3333333333333333"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (-0.0, "0"),
            (f64::NAN, "\"NaN\""),
            (f64::INFINITY, "\"+Inf\""),
            (f64::NEG_INFINITY, "\"-Inf\""),
        ] {
            let mut out = Vec::new();
            super::push(&mut out, number);
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }
}
