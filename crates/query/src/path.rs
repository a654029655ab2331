//! Paths of requests: cleaned as Go's router does, and cut at the base path.

/// A path without `//`, `.` and `..`; a slash at its end stays.
#[must_use]
pub fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut cleaned = String::with_capacity(path.len() + 1);
    for part in &parts {
        cleaned.push('/');
        cleaned.push_str(part);
    }
    if parts.is_empty() || path.ends_with('/') {
        cleaned.push('/');
    }
    cleaned
}

/// What stands behind the base path: `None` outside of it. The base path is `/`, or has a slash in front and none at its end.
#[must_use]
pub fn below<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    if base == "/" {
        return Some(path);
    }
    path.strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_does() {
        for (path, cleaned) in [
            ("/", "/"),
            ("", "/"),
            ("//api/services", "/api/services"),
            ("/api//services/", "/api/services/"),
            ("/a/./b/../c", "/a/c"),
            ("/../..", "/"),
            ("/api/services/a%2Fb/operations", "/api/services/a%2Fb/operations"),
        ] {
            assert_eq!(clean(path), cleaned);
        }
    }

    #[test]
    fn the_base_path_ends_at_a_slash() {
        assert_eq!(below("/api", "/"), Some("/api"));
        assert_eq!(below("/jaeger/api", "/jaeger"), Some("/api"));
        assert_eq!(below("/jaeger", "/jaeger"), Some(""));
        assert_eq!(below("/jaegerx", "/jaeger"), None);
    }
}
