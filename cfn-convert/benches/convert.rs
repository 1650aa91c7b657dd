//! How long it takes from a loaded project to a template, phase by phase, how much
//! memory, and whether either grows faster than the project.
//!
//! The floor is loading the same project. A template of hundreds of services is
//! more than CloudFormation takes, which is said by counting its limits; here it is
//! written all the same. Each size has a process of its own, so that the most
//! memory that it ever held is this size's.

#![expect(clippy::print_stdout, reason = "a benchmark is read by people")]

use std::env;
use std::process::{Command, Stdio};
use std::time::Duration;

use cfn_convert::{Format, convert, limits};
use compose_model::{LoadError, Loaded, Request, load};
use ecs_validate::{EcsProject, Facts, check};
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
    /// Of the template as YAML.
    bytes: usize,
    load: Duration,
    phases: [Duration; PHASES.len()],
    /// The most bytes that going through all phases once added to the loaded
    /// project; not every system tells.
    memory: Option<u64>,
}

const PHASES: [&str; 5] = ["check", "convert", "limits", "YAML", "JSON"];

fn sample_elsewhere(services: usize) -> Result<Sample, String> {
    let mut program = Command::new(env::current_exe().expect("a running benchmark has a file"));
    program.arg(services.to_string()).stderr(Stdio::inherit());
    let output = program.output().expect("a program that runs can run again");
    Sample::from_line(services, &String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| format!("no figures for {services} services"))
}

impl Sample {
    fn take(services: usize) -> Result<Self, String> {
        let request = request(testkit::synthetic::compose(services));
        let loaded = load(&request).map_err(|error| refused(&error))?;
        let facts = Facts::none();
        let (text, memory) = memory_of(|| whole(&loaded, &facts));
        let bytes = text?.len();
        let project = checked(&loaded, &facts)?;
        let template = convert(&project);
        let phases = [
            median(|| check(&loaded, &facts)),
            median(|| convert(&project)),
            median(|| limits(&template)),
            median(|| template.render(Format::Yaml)),
            median(|| template.render(Format::Json)),
        ];
        Ok(Self { services, bytes, load: median(|| load(&request)), phases, memory })
    }

    fn to_line(&self) -> String {
        let Self { services: _, bytes, load, phases, memory } = self;
        let times = [load].into_iter().chain(phases).map(Duration::as_nanos);
        let times: Vec<String> = times.map(|time| time.to_string()).collect();
        let memory = memory.map_or("n/a".into(), |memory| memory.to_string());
        format!("{bytes} {} {memory}", times.join(" "))
    }

    fn from_line(services: usize, line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let mut number = || words.next()?.parse().ok();
        let bytes = number()? as usize;
        let load = Duration::from_nanos(number()?);
        let mut phases = [Duration::ZERO; PHASES.len()];
        for phase in &mut phases {
            *phase = Duration::from_nanos(number()?);
        }
        Some(Self { services, bytes, load, phases, memory: number() })
    }

    /// From the loaded project to the text of one template.
    fn whole(&self) -> Duration {
        let [check, convert, limits, yaml, _] = self.phases;
        check + convert + limits + yaml
    }

    fn each(&self) -> Duration {
        self.whole().div_f64(self.services as f64)
    }
}

fn whole(loaded: &Loaded, facts: &Facts) -> Result<String, String> {
    let template = convert(&checked(loaded, facts)?);
    // What they say of large projects is no matter here, but saying it takes memory.
    limits(&template);
    Ok(template.render(Format::Yaml))
}

fn checked(loaded: &Loaded, facts: &Facts) -> Result<EcsProject, String> {
    let checked = check(loaded, facts);
    checked.project.ok_or_else(|| format!("it is no project for ECS: {:?}", checked.diagnostics))
}

fn request(text: String) -> Request {
    Request {
        working_dir: env!("CARGO_TARGET_TMPDIR").into(),
        files: vec!["-".into()],
        stdin: Some(text),
        ..Request::default()
    }
}

fn refused(error: &LoadError) -> String {
    format!("the synthetic project is wrong: {error}")
}

fn table(samples: &[Sample]) {
    print!("services    template      load");
    PHASES.iter().for_each(|phase| print!(" {phase:>9}"));
    println!("   : load    a service: time, memory");
    for sample in samples {
        let Sample { services, bytes, load, phases, memory } = sample;
        print!("{services:>8} {:>7.1} KiB {:>6.2} ms", *bytes as f64 / 1024.0, millis(*load));
        phases.iter().for_each(|phase| print!(" {:>6.2} ms", millis(*phase)));
        println!(
            " {:>7.1}× {:>12.1} µs {:>10}",
            sample.whole().as_secs_f64() / load.as_secs_f64(),
            sample.each().as_secs_f64() * 1e6,
            kibibytes_each(*memory, *services),
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

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
