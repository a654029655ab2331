//! The `svc` label.

/// Services with a label of their own; those that come later share `other-services`. Go Jaeger's bound since 1.9.
pub(super) const MAX_SERVICES: usize = 4_000;
/// The label of the services beyond the bound. Its series exist from the start.
pub(super) const OTHER: &str = "other-services";

/// The label for a service name, by Go Jaeger's rule: lower case; of the characters up to U+00FF all but `a-z0-9.-` become `_`; later
/// characters stay; the empty name is `__unknown`.
#[must_use]
pub fn service_label(name: &str) -> String {
    if name.is_empty() {
        return "__unknown".to_owned();
    }
    name.chars()
        .flat_map(char::to_lowercase)
        .map(|character| match character {
            'a'..='z' | '0'..='9' | '.' | '-' => character,
            '\0'..='\u{ff}' => '_',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::service_label;

    #[test]
    fn service_labels_follow_gos_rule() {
        for (name, label) in [
            ("shop", "shop"),
            ("Shop.Front-1", "shop.front-1"),
            ("odd/name é", "odd_name__"),
            ("a_b", "a_b"),
            ("x\u{2028}y", "x\u{2028}y"),
            ("", "__unknown"),
        ] {
            assert_eq!(service_label(name), label, "for {name:?}");
        }
    }
}
