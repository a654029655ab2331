//! The table that `make bench` prints.

/// What a figure counts.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    /// CPU seconds per million spans.
    CpuSeconds,
    Bytes,
    Megabytes,
    Milliseconds,
    Percent,
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::CpuSeconds => format!("{value:.2} s/M"),
            Self::Bytes => format!("{value:.0} B"),
            Self::Megabytes => format!("{value:.1} MB"),
            Self::Milliseconds => format!("{value:.2} ms"),
            Self::Percent => format!("{value:.3} %"),
        }
    }
}

/// Rows as they are measured.
pub(super) struct Report {
    rows: Vec<[String; 4]>,
    notes: Vec<String>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self { rows: Vec::new(), notes: Vec::new() }
    }

    /// A measured figure; where it has a goal, at most that is wanted.
    pub(super) fn figure(&mut self, work: &str, unit: Unit, value: f64, goal: Option<f64>) {
        let verdict = match goal {
            None => String::new(),
            Some(goal) if value <= goal => "GOAL MET".into(),
            Some(_) => "MISSED".into(),
        };
        let goal = goal.map_or(String::new(), |goal| format!("<= {}", unit.show(goal)));
        eprintln!("{work}: {} {goal} {verdict}", unit.show(value));
        self.rows.push([work.into(), unit.show(value), goal, verdict]);
    }

    /// A peer's figure beside ours of the same run.
    pub(super) fn ratio(&mut self, work: &str, theirs: f64, ours: f64) {
        let ratio = theirs / ours.max(f64::MIN_POSITIVE);
        self.rows.push([
            format!("peer, {work}"),
            format!("{theirs:.2} (ours {ours:.2})"),
            String::new(),
            format!("{ratio:.2} times ours"),
        ]);
    }

    /// A row that this run cannot have.
    pub(super) fn not_measured(&mut self, work: &str, why: &str) {
        eprintln!("{work}: not measured, {why}");
        self.rows.push([work.into(), format!("not measured: {why}"), String::new(), String::new()]);
    }

    /// A row whose part does not exist yet.
    pub(super) fn not_yet(&mut self, work: &str) {
        self.rows.push([work.into(), "not yet".into(), String::new(), String::new()]);
    }

    pub(super) fn note(&mut self, note: String) {
        eprintln!("  {note}");
        self.notes.push(note);
    }

    #[expect(clippy::print_stdout, reason = "the table is what this command is for")]
    pub(super) fn print(&self) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        println!("{cores} processors; CPU is the server's own user and system time per million spans\n");
        println!("| work | figure | goal | |\n| --- | --- | --- | --- |");
        for [work, figure, goal, verdict] in &self.rows {
            println!("| {work} | {figure} | {goal} | {verdict} |");
        }
        println!();
        for note in &self.notes {
            println!("- {note}");
        }
    }
}
