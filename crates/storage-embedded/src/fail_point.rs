//! Places where tests let the process die or the disk fail. In releases they are nothing.
//!
//! `JAEGER_FAIL_POINT=name:n` kills the process at the n-th time that it comes by `name`; `name:n:enospc` (or `eio`)
//! makes the disk fail there instead, and `name:n+:enospc` from then on. Several are parted by commas.

#[cfg(any(debug_assertions, test))]
pub(crate) use planned::{aimed_at, inherited, reached};
#[cfg(not(any(debug_assertions, test)))]
pub(crate) use released::{aimed_at, inherited, reached};

/// Comes by a place where tests let things fail; gives the error on.
macro_rules! fail_point {
    ($name:literal) => {
        $crate::fail_point::reached($name)?
    };
}
pub(crate) use fail_point;

/// As [`fail_point`], where only the process can fail.
macro_rules! kill_point {
    ($name:literal) => {
        drop($crate::fail_point::reached($name))
    };
}
pub(crate) use kill_point;

#[cfg(not(any(debug_assertions, test)))]
mod released {
    use std::io;

    #[inline(always)]
    pub(crate) fn reached(_name: &str) -> io::Result<()> {
        Ok(())
    }

    #[inline(always)]
    pub(crate) fn aimed_at(_name: &str) -> bool {
        false
    }

    /// What a thread hands to one that it starts.
    pub(crate) struct Inherited;

    pub(crate) fn inherited() -> Inherited {
        Inherited
    }

    impl Inherited {
        pub(crate) fn adopt(self) {}
    }
}

#[cfg(any(debug_assertions, test))]
mod planned {
    use std::cell::RefCell;
    use std::io;
    use std::str::FromStr;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, OnceLock};

    const VARIABLE: &str = "JAEGER_FAIL_POINT";

    struct Point {
        name: String,
        at: u64,
        ever_after: bool,
        /// Without one the process dies.
        error: Option<i32>,
        times: AtomicU64,
    }

    impl FromStr for Point {
        type Err = String;

        fn from_str(text: &str) -> Result<Self, String> {
            let wrong = || format!("{VARIABLE}={text}: use name:n, name:n:enospc, name:n:eio or name:n+:enospc");
            let mut parts = text.split(':');
            let name = parts.next().filter(|name| !name.is_empty()).ok_or_else(wrong)?.to_owned();
            let at = parts.next().ok_or_else(wrong)?;
            let (at, ever_after) = at.strip_suffix('+').map_or((at, false), |at| (at, true));
            let at = at.parse().map_err(|_| wrong())?;
            let error = match parts.next() {
                None => None,
                Some("enospc") => Some(libc::ENOSPC),
                Some("eio") => Some(libc::EIO),
                Some(_) => return Err(wrong()),
            };
            Ok(Self { name, at, ever_after, error, times: AtomicU64::new(0) })
        }
    }

    impl Point {
        fn reached(&self) -> io::Result<()> {
            let time = self.times.fetch_add(1, Ordering::Relaxed) + 1;
            if time != self.at && !(self.ever_after && time > self.at) {
                return Ok(());
            }
            match self.error {
                Some(error) => Err(io::Error::from_raw_os_error(error)),
                None => die(),
            }
        }
    }

    fn die() -> ! {
        // Nothing may run after this, no destructor and no handler; abort is for the case that the signal is late.
        let _ends_here = nix::sys::signal::kill(nix::unistd::Pid::this(), nix::sys::signal::Signal::SIGKILL);
        std::process::abort()
    }

    fn of_environment() -> &'static [Point] {
        static POINTS: OnceLock<Vec<Point>> = OnceLock::new();
        POINTS.get_or_init(|| {
            let text = std::env::var(VARIABLE).unwrap_or_default();
            let points: Result<Vec<Point>, String> =
                text.split(',').filter(|point| !point.is_empty()).map(str::parse).collect();
            points.unwrap_or_else(|error| {
                // A test that aims at nothing would pass.
                tracing::error!("{error}");
                std::process::abort()
            })
        })
    }

    pub(crate) fn reached(name: &str) -> io::Result<()> {
        if let Some(plan) = PLAN.with_borrow(Option::clone) {
            plan.reached(name)?;
        }
        of_environment().iter().filter(|point| point.name == name).try_for_each(Point::reached)
    }

    /// Whether a place may fail at all, for those that cost something to come by.
    pub(crate) fn aimed_at(name: &str) -> bool {
        let planned = PLAN.with_borrow(|plan| plan.as_ref().is_some_and(|plan| plan.aims_at(name)));
        planned || of_environment().iter().any(|point| point.name == name)
    }

    thread_local! {
        static PLAN: RefCell<Option<Arc<Plan>>> = const { RefCell::new(None) };
    }

    /// What a unit test lets fail, on its own thread and those that the store starts from there.
    #[derive(Default)]
    pub(crate) struct Plan {
        errors: parking_lot::Mutex<Vec<(&'static str, i32, usize)>>,
    }

    #[cfg(test)]
    impl Plan {
        /// A plan for this thread.
        pub(crate) fn here() -> Arc<Self> {
            let plan = Arc::new(Self::default());
            PLAN.set(Some(Arc::clone(&plan)));
            plan
        }

        /// The next `times` that something comes by `name`, the disk answers `errno`.
        pub(crate) fn fail(&self, name: &'static str, errno: i32, times: usize) {
            self.errors.lock().push((name, errno, times));
        }

        /// Nothing fails any more.
        pub(crate) fn heal(&self) {
            self.errors.lock().clear();
        }
    }

    impl Plan {
        fn aims_at(&self, name: &str) -> bool {
            self.errors.lock().iter().any(|(of, _, times)| *of == name && *times > 0)
        }

        fn reached(&self, name: &str) -> io::Result<()> {
            let mut errors = self.errors.lock();
            match errors.iter_mut().find(|(of, _, times)| *of == name && *times > 0) {
                Some((_, errno, times)) => {
                    *times -= 1;
                    Err(io::Error::from_raw_os_error(*errno))
                }
                None => Ok(()),
            }
        }
    }

    /// What a thread hands to one that it starts.
    pub(crate) struct Inherited(Option<Arc<Plan>>);

    pub(crate) fn inherited() -> Inherited {
        Inherited(PLAN.with_borrow(Option::clone))
    }

    impl Inherited {
        pub(crate) fn adopt(self) {
            PLAN.set(self.0);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_point_fails_at_its_time_and_not_before() {
            let point: Point = "log.x:2:enospc".parse().expect("a point");
            assert!(point.reached().is_ok());
            assert_eq!(point.reached().expect_err("now").raw_os_error(), Some(libc::ENOSPC));
            assert!(point.reached().is_ok());
            let point: Point = "log.x:1+:eio".parse().expect("a point");
            assert!(point.reached().is_err() && point.reached().is_err());
        }

        #[test]
        fn what_aims_at_nothing_is_refused() {
            for text in ["", "x", "x:", "x:one", ":1", "x:1:efbig"] {
                assert!(text.parse::<Point>().is_err(), "{text}");
            }
        }
    }
}

#[cfg(test)]
pub(crate) use planned::Plan;
