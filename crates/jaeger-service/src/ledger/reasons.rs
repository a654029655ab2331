//! Every way to lose or refuse a packet or a span has its name here and nowhere else. `docs/metrics.md` holds the same table for people; a test
//! compares the two, so that no reason is without the metric that Go Jaeger's alerts watch.

/// A reason of one ledger's column.
pub trait Reason: Copy + 'static {
    /// All reasons, in the order of the page.
    const ALL: &'static [Self];
    /// The name in `/ledger`, in metrics and in logs.
    fn name(self) -> &'static str;
    /// The Go Jaeger metric in which it counts too.
    fn go_metric(self) -> &'static str;
    /// Its place in `ALL`.
    fn index(self) -> usize;
}

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal => $metric:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl Reason for $name {
            const ALL: &'static [Self] = &[$($name::$variant),+];
            fn name(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
            fn go_metric(self) -> &'static str {
                match self { $($name::$variant => $metric),+ }
            }
            fn index(self) -> usize {
                self as usize
            }
        }
    };
}

reasons! {
    /// Why the agent dropped a packet. UDP has no answer, so nobody has it any more.
    PacketDropped {
        /// The kernel had no room in the socket's buffer.
        Kernel = "kernel" => "jaeger_agent_thrift_udp_server_packets_dropped_total",
        /// The packet queue (`server-queue-size`) was full.
        QueueFull = "queue_full" => "jaeger_agent_thrift_udp_server_packets_dropped_total",
        /// It did not decode.
        Malformed = "malformed" => "jaeger_agent_thrift_udp_t_processor_handler_errors_total",
        /// It was longer than `server-max-packet-size`.
        TooLarge = "too_large" => "jaeger_agent_thrift_udp_t_processor_handler_errors_total",
        /// It waited in the queue when the shutdown deadline came.
        ShutdownDeadline = "shutdown_deadline" => "jaeger_agent_thrift_udp_server_packets_dropped_total",
        /// It waited in the queue when a second stop signal came.
        SecondSignal = "second_signal" => "jaeger_agent_thrift_udp_server_packets_dropped_total",
    }
}

reasons! {
    /// Why the agent dropped spans that it had decoded.
    AgentDropped {
        /// The hold (`--reporter.queue-size-memory`) was full while the collector could not be reached or was busy.
        HoldFull = "hold_full" => "jaeger_agent_reporter_spans_failures_total",
        /// The collector refused them as invalid; sending them again would not help.
        Invalid = "invalid" => "jaeger_agent_reporter_spans_failures_total",
        /// They alone are over the collector's message limit.
        TooLarge = "too_large" => "jaeger_agent_reporter_spans_failures_total",
        /// They were not delivered before the shutdown deadline.
        ShutdownDeadline = "shutdown_deadline" => "jaeger_agent_reporter_spans_failures_total",
        /// A second stop signal came before they were delivered.
        SecondSignal = "second_signal" => "jaeger_agent_reporter_spans_failures_total",
        /// The task that held them ended early: a defect, counted so that it shows.
        Abandoned = "abandoned" => "jaeger_agent_reporter_spans_failures_total",
    }
}

reasons! {
    /// Why the collector refused spans: the sender was told and still has them.
    CollectorRefused {
        /// The queue was full.
        QueueFull = "queue_full" => "jaeger_collector_spans_dropped_total",
        /// A span without valid ids (OTLP), refused one by one.
        InvalidIds = "invalid_ids" => "jaeger_collector_spans_rejected_total",
        /// The collector was stopping.
        Stopping = "stopping" => "jaeger_collector_spans_dropped_total",
        /// The store has not answered since the start.
        NotReady = "not_ready" => "jaeger_collector_spans_dropped_total",
        /// The store could not be reached.
        StoreUnavailable = "store_unavailable" => "jaeger_collector_spans_saved_by_svc_total{result=\"err\"}",
        /// The store asked for fewer writes.
        StoreThrottled = "store_throttled" => "jaeger_collector_spans_saved_by_svc_total{result=\"err\"}",
        /// The store takes no such span.
        StoreInvalid = "store_invalid" => "jaeger_collector_spans_saved_by_svc_total{result=\"err\"}",
        /// The store says that its data is damaged.
        StoreCorrupt = "store_corrupt" => "jaeger_collector_spans_saved_by_svc_total{result=\"err\"}",
    }
}

reasons! {
    /// Why the collector dropped spans: the sender was told nothing, or was told before the store had answered.
    CollectorDropped {
        /// The store could not be reached.
        StoreUnavailable = "store_unavailable" => "jaeger_collector_spans_saved_by_svc_total{result=\"err\"}",
        /// The store asked for fewer writes.
        StoreThrottled = "store_throttled" => "jaeger_collector_spans_saved_by_svc_total{result=\"err\"}",
        /// The store takes no such span.
        StoreInvalid = "store_invalid" => "jaeger_collector_spans_saved_by_svc_total{result=\"err\"}",
        /// The store says that its data is damaged.
        StoreCorrupt = "store_corrupt" => "jaeger_collector_spans_saved_by_svc_total{result=\"err\"}",
        /// `--downsampling.ratio` left their trace out, as somebody asked for.
        Downsampled = "downsampled" => "jaeger_downsampling_writer_spans_dropped_total",
        /// They were not stored before the shutdown deadline.
        ShutdownDeadline = "shutdown_deadline" => "jaeger_collector_spans_dropped_total",
        /// A second stop signal came before they were stored.
        SecondSignal = "second_signal" => "jaeger_collector_spans_dropped_total",
        /// The task that held them ended early: a defect, counted so that it shows.
        Abandoned = "abandoned" => "jaeger_collector_spans_dropped_total",
    }
}

reasons! {
    /// Why the collector refused a whole request before it knew how many spans are in it.
    RequestRefused {
        /// The body does not decode.
        Malformed = "malformed" => "jaeger_collector_http_request_duration",
        /// The body is over the listener's limit, compressed or not.
        TooLarge = "too_large" => "jaeger_collector_http_request_duration",
        /// The content type or encoding is none that the endpoint takes.
        UnknownContentType = "unknown_content_type" => "jaeger_collector_http_request_duration",
        /// The bound in bytes was reached while the body came in.
        Busy = "busy" => "jaeger_collector_error_busy_total",
        /// The sender gave up or stalled before the body was whole.
        Unfinished = "unfinished" => "jaeger_collector_http_request_duration",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<R: Reason + std::fmt::Debug>(page: &str) {
        for (place, reason) in R::ALL.iter().enumerate() {
            assert_eq!(reason.index(), place);
            let row = format!("| `{}` | `{}`", reason.name(), reason.go_metric());
            assert!(page.contains(&row), "docs/metrics.md has no row that begins {row} for {reason:?}");
        }
    }

    #[test]
    fn every_reason_stands_in_the_docs_with_its_go_metric() {
        let page = include_str!("../../../../docs/metrics.md");
        check::<PacketDropped>(page);
        check::<AgentDropped>(page);
        check::<CollectorRefused>(page);
        check::<CollectorDropped>(page);
        check::<RequestRefused>(page);
    }
}
