//! Which services take part: by profile, and by name.

use indexmap::{IndexMap, IndexSet};

use super::problem;
use crate::error::LoadError;
use crate::project::Project;

/// Sets the services aside that no active profile has.
pub(crate) fn by_profile(project: &mut Project, active: &[String]) {
    if project.disabled.is_empty()
        && project.services.values().all(|service| service.is_enabled(active))
    {
        return;
    }
    let all = std::mem::take(&mut project.services).into_iter();
    let all = all.chain(std::mem::take(&mut project.disabled));
    (project.services, project.disabled) = all.partition(|(_, service)| service.is_enabled(active));
}

/// Sets the services aside that were not asked for and that nothing of what was
/// asked for depends on. Asking for a service activates its profiles.
pub(crate) fn by_name(
    project: &mut Project,
    names: &[String],
    active: &[String],
) -> Result<(), LoadError> {
    if names.is_empty() {
        return Ok(());
    }
    let mut active = active.to_vec();
    for name in names.iter().filter(|name| !project.services.contains_key(*name)) {
        let Some(service) = project.disabled.get(name) else {
            return Err(unknown(project, name));
        };
        active.extend(service.profiles.iter().cloned());
    }
    by_profile(project, &active);
    let selected = with_dependencies(project, names);
    let all = std::mem::take(&mut project.services);
    let (kept, dropped): (IndexMap<_, _>, IndexMap<_, _>) =
        all.into_iter().partition(|(name, _)| selected.contains(name));
    project.services = kept;
    project.disabled.extend(dropped);
    for service in project.services.values_mut() {
        service.depends_on.retain(|name, _| selected.contains(name));
    }
    Ok(())
}

fn unknown(project: &Project, name: &str) -> LoadError {
    let known = project.services.keys().chain(project.disabled.keys()).map(String::as_str);
    LoadError::UnknownService {
        name: name.to_owned(),
        nearest: problem::nearest(name, known).map(str::to_owned),
    }
}

fn with_dependencies(project: &Project, names: &[String]) -> IndexSet<String> {
    let mut selected: IndexSet<String> = names.iter().cloned().collect();
    let mut next = 0;
    while let Some(name) = selected.get_index(next) {
        let service = project.services.get(name);
        let dependencies = service.into_iter().flat_map(|service| service.depends_on.keys());
        let found: Vec<String> =
            dependencies.filter(|name| project.services.contains_key(*name)).cloned().collect();
        selected.extend(found);
        next += 1;
    }
    selected
}
