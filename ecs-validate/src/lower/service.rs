//! All services of a project, each with what it runs in.

use super::dependencies::one_shots;
use super::task::task;
use super::together::{self, Edges, Groups};
use super::{crowd, names, windows};
use crate::context::Context;
use crate::project::Capacity;
use crate::service::{SearchDomain, Service};

/// All services that run, sorted by name, and the machines that they need.
pub(crate) fn services(
    search_domain: SearchDomain,
    cx: &mut Context<'_>,
) -> (Vec<Service>, Vec<Capacity>) {
    let groups = Groups::of(cx.project);
    one_shots(&groups, cx);
    names::check_all(cx);
    let mut capacities = Vec::new();
    let mut services = Vec::new();
    let mut edges: Vec<Edges> = Vec::new();
    for members in groups.iter() {
        let (mut service, before) = task(members, &groups, &mut capacities, cx);
        service.search_domain = search_domain;
        windows::adapt(&mut service, cx);
        crowd::check(&service, cx);
        names::check(&service.name, cx);
        names::shorten(&mut service);
        services.push(service);
        edges.push(before);
    }
    together::order(&mut services, edges, &groups, cx);
    (services, capacities)
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::testing::services_with;

    #[test]
    fn services_are_sorted_whatever_the_order_of_keys() {
        let one = "services: {b: {image: nginx, labels: {y: '1', x: '2'}}, a: {image: nginx}}";
        let other = "services: {a: {image: nginx}, b: {labels: {x: '2', y: '1'}, image: nginx}}";
        let lowered = |text| services_with(&Facts::none(), text);
        assert_eq!(format!("{:?}", lowered(one)), format!("{:?}", lowered(other)));
        assert_eq!(lowered(one).0[0].name, "a");
    }
}
