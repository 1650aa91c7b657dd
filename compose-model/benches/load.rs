//! How long loading takes, how much memory, and whether either grows faster
//! than the project.
//!
//! The floor is the YAML parser alone, run to the end of the same text. Each
//! size has a process of its own, so that the most memory that it ever held is
//! this size's.

#![expect(clippy::print_stdout, reason = "a benchmark is read by people")]

use std::env;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Duration;

use compose_model::{LoadError, Request, load};
use saphyr_parser::Parser;
use testkit::measure::{kibibytes_each, median, memory_of};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

fn main() -> Result<(), String> {
    // Cargo itself passes `--bench`.
    match env::args().nth(1).and_then(|argument| argument.parse().ok()) {
        Some(services) => println!("{}", Sample::take(services)?.to_line()),
        None => table(&SIZES.into_iter().map(sample_elsewhere).collect::<Result<Vec<_>, _>>()?),
    }
    Ok(())
}

/// What was measured of one size.
struct Sample {
    services: usize,
    bytes: usize,
    events: Duration,
    load: Duration,
    /// The most bytes that the first load added; not every system tells.
    memory: Option<u64>,
}

fn sample_elsewhere(services: usize) -> Result<Sample, String> {
    let mut program = Command::new(env::current_exe().expect("a running benchmark has a file"));
    program.arg(services.to_string()).stderr(Stdio::inherit());
    let output = program.output().expect("a program that runs can run again");
    Sample::from_line(services, &String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| format!("no figures for {services} services"))
}

impl Sample {
    fn take(services: usize) -> Result<Self, String> {
        let text = testkit::synthetic::compose(services);
        let request = request(text.clone());
        let (first, memory) = memory_of(|| load(&request));
        first.map_err(refused)?;
        Ok(Self {
            services,
            bytes: text.len(),
            events: median(|| Parser::new_from_str(&text).map(black_box).count()),
            load: median(|| load(&request)),
            memory,
        })
    }

    fn to_line(&self) -> String {
        let Self { services: _, bytes, events, load, memory } = self;
        let memory = memory.map_or("n/a".into(), |memory| memory.to_string());
        format!("{bytes} {} {} {memory}", events.as_nanos(), load.as_nanos())
    }

    fn from_line(services: usize, line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let mut number = || words.next()?.parse().ok();
        Some(Self {
            services,
            bytes: number()? as usize,
            events: Duration::from_nanos(number()?),
            load: Duration::from_nanos(number()?),
            memory: number(),
        })
    }

    fn each(&self) -> Duration {
        self.load.div_f64(self.services as f64)
    }

    fn memory_each(&self) -> String {
        kibibytes_each(self.memory, self.services)
    }
}

fn request(text: String) -> Request {
    Request {
        working_dir: env!("CARGO_TARGET_TMPDIR").into(),
        files: vec!["-".into()],
        stdin: Some(text),
        ..Request::default()
    }
}

fn refused(error: LoadError) -> String {
    match &error {
        LoadError::Invalid(rejected) => {
            format!("the synthetic project is wrong: {:?}", rejected.diagnostics.first())
        }
        LoadError::Read { .. }
        | LoadError::NotFound { .. }
        | LoadError::Option { .. }
        | LoadError::UnknownService { .. } => error.to_string(),
    }
}

fn table(samples: &[Sample]) {
    println!("services        file      events        load   ratio     a service: time, memory");
    for sample in samples {
        let Sample { services, bytes, events, load, memory: _ } = sample;
        println!(
            "{services:>8} {:>7.1} KiB {:>8.2} ms {:>9.2} ms {:>6.1}× {:>13.1} µs {:>10}",
            *bytes as f64 / 1024.0,
            events.as_secs_f64() * 1e3,
            load.as_secs_f64() * 1e3,
            load.as_secs_f64() / events.as_secs_f64(),
            sample.each().as_secs_f64() * 1e6,
            sample.memory_each(),
        );
    }
    println!();
    for (small, large) in samples.iter().zip(&samples[1..]) {
        let growth = large.each().as_secs_f64() / small.each().as_secs_f64();
        println!(
            "among {:>6} services, one takes {growth:.2}× as long as among {}",
            large.services, small.services
        );
    }
}
