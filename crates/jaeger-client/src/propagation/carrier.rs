//! What a context is written into and read from: headers, metadata, maps.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

/// Somewhere to write a context to.
pub trait Inject {
    /// Sets a key, whose letters are lower case, to a value, which is printable ASCII where [`escapes`](Self::escapes)
    /// says so.
    fn set(&mut self, key: &str, value: String);

    /// Whether baggage is escaped. Headers need that; a map of text takes anything.
    fn escapes(&self) -> bool {
        true
    }
}

/// Something to read a context from.
pub trait Extract {
    /// Shows every key and value that is text to `see`, in any order and with keys in any case.
    fn each(&self, see: &mut dyn FnMut(&str, &str));

    /// Whether baggage is escaped, as in [`Inject::escapes`].
    fn escapes(&self) -> bool {
        true
    }
}

impl<S: BuildHasher> Inject for HashMap<String, String, S> {
    fn set(&mut self, key: &str, value: String) {
        self.insert(key.to_owned(), value);
    }

    fn escapes(&self) -> bool {
        false
    }
}

impl<S: BuildHasher> Extract for HashMap<String, String, S> {
    fn each(&self, see: &mut dyn FnMut(&str, &str)) {
        self.iter().for_each(|(key, value)| see(key, value));
    }

    fn escapes(&self) -> bool {
        false
    }
}

impl Inject for BTreeMap<String, String> {
    fn set(&mut self, key: &str, value: String) {
        self.insert(key.to_owned(), value);
    }

    fn escapes(&self) -> bool {
        false
    }
}

impl Extract for BTreeMap<String, String> {
    fn each(&self, see: &mut dyn FnMut(&str, &str)) {
        self.iter().for_each(|(key, value)| see(key, value));
    }

    fn escapes(&self) -> bool {
        false
    }
}

#[cfg(feature = "http")]
impl Inject for http::HeaderMap {
    fn set(&mut self, key: &str, value: String) {
        // A baggage key that no header can have stays behind.
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(key), http::HeaderValue::try_from(value)) {
            self.insert(name, value);
        }
    }
}

#[cfg(feature = "http")]
impl Extract for http::HeaderMap {
    fn each(&self, see: &mut dyn FnMut(&str, &str)) {
        for (key, value) in self {
            if let Ok(value) = value.to_str() {
                see(key.as_str(), value);
            }
        }
    }
}

#[cfg(feature = "tonic")]
impl Inject for tonic::metadata::MetadataMap {
    fn set(&mut self, key: &str, value: String) {
        use tonic::metadata::{Ascii, MetadataKey, MetadataValue};

        let key = MetadataKey::<Ascii>::from_bytes(key.as_bytes());
        if let (Ok(key), Ok(value)) = (key, MetadataValue::<Ascii>::try_from(value)) {
            self.insert(key, value);
        }
    }
}

#[cfg(feature = "tonic")]
impl Extract for tonic::metadata::MetadataMap {
    fn each(&self, see: &mut dyn FnMut(&str, &str)) {
        for one in self.iter() {
            if let tonic::metadata::KeyAndValueRef::Ascii(key, value) = one
                && let Ok(value) = value.to_str()
            {
                see(key.as_str(), value);
            }
        }
    }
}
