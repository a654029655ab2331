//! Stands empty until its part is written.
