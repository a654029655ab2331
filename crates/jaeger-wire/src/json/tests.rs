use super::Reader;

fn skip(text: &str) -> bool {
    let mut reader = Reader::new(text.as_bytes());
    reader.skip().is_ok() && reader.end().is_ok()
}

#[test]
fn takes_what_is_json_and_nothing_else() {
    for good in ["{}", " [1, -0, 2.5e+3, 1E-7] ", r#"{"a":{"b":[null,true,false,"x\n\u00e4\"\/"]}}"#, "\"\"", "0"] {
        assert!(skip(good), "{good}");
    }
    for bad in [
        "",
        "{",
        "[",
        "[1,]",
        "{,}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "-",
        "nul",
        "tru",
        "\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\n\"",
        "{} {}",
        "[1 2]",
        "{\"a\" 1}",
        "}",
        "\u{feff}{}",
    ] {
        assert!(!skip(bad), "{bad}");
    }
}

#[test]
fn decodes_escapes_and_surrogates() {
    let text = |json: &str| String::from_utf8(Reader::new(json.as_bytes()).text().expect("text").into_owned());
    assert_eq!(text(r#""a\u00e4\n\ud83d\ude00""#).as_deref(), Ok("a\u{e4}\n\u{1f600}"));
    assert_eq!(text(r#""\ud83dx\udc00\ud800\u0041""#).as_deref(), Ok("\u{fffd}x\u{fffd}\u{fffd}A"));
}

#[test]
fn numbers_may_stand_in_quotes() {
    for (json, number) in [
        ("7", 7),
        ("\"-7\"", -7),
        ("1e3", 1000),
        ("7.0", 7),
        ("\"9007199254740993\"", 9_007_199_254_740_993),
        ("null", 0),
    ] {
        assert_eq!(Reader::new(json.as_bytes()).int64(), Ok(number), "{json}");
    }
    for bad in ["\"x\"", "7.5", "1e400", "\"9223372036854775808\"", "true", "{}"] {
        assert!(Reader::new(bad.as_bytes()).int64().is_err(), "{bad}");
    }
    assert_eq!(Reader::new(b"18446744073709551615").uint64(), Ok(u64::MAX));
    assert!(Reader::new(b"-1").uint64().is_err());
    assert_eq!(Reader::new(b"\"-Infinity\"").double(), Ok(f64::NEG_INFINITY));
    assert!(Reader::new(b"\"NaN\"").double().is_ok_and(f64::is_nan));
}

#[test]
fn nesting_has_a_limit() {
    assert!(skip(&("[".repeat(256) + &"]".repeat(256))));
    assert!(!skip(&("[".repeat(257) + &"]".repeat(257))));
    assert!(!skip(&"[".repeat(1_000_000)));
}
