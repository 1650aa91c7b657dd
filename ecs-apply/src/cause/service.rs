//! What services say of themselves and of their deployments.

use super::kind::Kind;
use super::reading::Reading;
use super::sighting::Sighting;
use super::subject::{Subject, Subjects, container};
use super::text::{Text, between, clause};
use super::{Finding, Source, recovery, start};
use crate::evidence::Evidence;
use crate::service::{Deployment, Service, ServiceEvent};

pub(super) fn sightings<'a>(evidence: &'a Evidence, subjects: &Subjects) -> Vec<Sighting<'a>> {
    let mut sightings = Vec::new();
    let unstable = |service: &&Service| !recovery::is_stable(service, evidence.since);
    for service in evidence.services.iter().filter(unstable) {
        let subject = subjects.service(service);
        let events = service.events.iter().filter(|event| event.time >= evidence.since);
        sightings.extend(events.filter_map(|event| of_event(event, &subject)));
        let deployments = service.deployments.iter();
        let young = deployments.filter(|it| it.created.is_none_or(|it| it >= evidence.since));
        sightings.extend(young.filter_map(|it| of_deployment(it, &subject)));
    }
    sightings
}

fn of_event<'a>(event: &ServiceEvent, subject: &Subject) -> Option<Sighting<'a>> {
    Some(Sighting {
        subject: subject.clone(),
        reading: read(&event.message, subject)?,
        finding: Finding {
            time: Some(event.time),
            source: Source::Service { name: subject.name.clone() },
            text: event.message.clone(),
        },
        also: None,
        log: None,
    })
}

fn of_deployment<'a>(deployment: &Deployment, subject: &Subject) -> Option<Sighting<'a>> {
    if deployment.rollout.as_deref() != Some("FAILED") {
        return None;
    }
    let said = deployment.reason.clone().unwrap_or_else(|| "the deployment failed".to_owned());
    Some(Sighting {
        subject: subject.clone(),
        reading: given_up(subject),
        finding: Finding {
            // When it failed is not said, only when it began.
            time: None,
            source: Source::Deployment { name: subject.name.clone() },
            text: said,
        },
        also: None,
        log: None,
    })
}

/// What an event means, if something went wrong.
fn read(said: &str, subject: &Subject) -> Option<Reading> {
    let text = Text::new(said);
    if text.has(&["is unhealthy in"]) {
        return Some(target(said, subject));
    }
    if text.has(&["failed container health checks"]) {
        return Some(sick(None, subject));
    }
    if text.has(&["deployment failed", "rolling back to", "unable to consistently start"]) {
        return Some(given_up(subject));
    }
    if text.has(&["because of the service deployment configuration"]) {
        return Some(Reading::new(
            Kind::Invalid,
            format!(
                "no task of {} may be stopped before another runs, nor the other way round",
                subject.phrase
            ),
            "raise `x-aws-max_percent` in `deploy.update_config`, or lower `x-aws-min_percent`",
        ));
    }
    if !text.has(&["unable to", "failed to", "error", "could not"]) {
        return None;
    }
    let who = &subject.phrase;
    let known = start::read(said, who, None).or_else(|| start::denial(said, who));
    Some(known.unwrap_or_else(|| unknown(said, subject)))
}

/// The load balancer finds a task unhealthy.
pub(super) fn target(said: &str, subject: &Subject) -> Reading {
    let text = Text::new(said);
    let port = between(said, "(port ", ")");
    let at = port.map(|port| format!(" at port {port}")).unwrap_or_default();
    let codes = between(said, "codes: [", "]");
    let who = &subject.phrase;
    let (why, help) = if let Some(codes) = codes {
        (
            format!("{who} answers the load balancer's health check{at} with {codes}"),
            "set `x-aws-healthcheck` of the port to a path that answers well (`path: /health`), \
             or accept the answer (`matcher: 200-399`)",
        )
    } else if text.has(&["timed out"]) {
        (
            format!("{who} does not answer the load balancer's health check{at} in time"),
            "check that it listens at that port on every address (0.0.0.0, not 127.0.0.1); \
             a program that starts slowly needs `healthcheck.start_period`",
        )
    } else if text.has(&["availability zone"]) {
        (
            format!("{who} runs in a zone that the load balancer does not serve"),
            "give load balancer and tasks subnets of the same zones (`x-aws-subnets`)",
        )
    } else {
        (
            format!("{who} fails the load balancer's health check{at}"),
            "check that it listens at its published port on every address (0.0.0.0), and what \
             it answers there; `x-aws-healthcheck` sets the path, `healthcheck.start_period` \
             gives it time",
        )
    };
    Reading::new(Kind::TargetUnhealthy, why, help)
}

/// A container finds itself unhealthy.
pub(super) fn sick(name: Option<&str>, subject: &Subject) -> Reading {
    let who = name.map_or_else(|| subject.phrase.clone(), |name| container(subject, name));
    Reading::new(
        Kind::ContainerUnhealthy,
        format!("{who} fails its own health check"),
        "run what `healthcheck.test` says inside of the image: what it calls (curl, wget) has \
         to be there; a program that starts slowly needs `start_period`",
    )
}

fn given_up(subject: &Subject) -> Reading {
    let who = &subject.phrase;
    Reading::new(
        Kind::GivenUp,
        format!("ECS gave up on {who}: its tasks do not keep running"),
        "see why its tasks stopped; ECS remembers that for an hour",
    )
}

fn unknown(said: &str, subject: &Subject) -> Reading {
    let own = said
        .split_once(") ")
        .map_or(said, |(start, rest)| if start.starts_with("(service ") { rest } else { said });
    Reading::new(
        Kind::Unknown,
        format!("{} {}", subject.phrase, clause(own)),
        "AWS's words are all that is known of it",
    )
}
