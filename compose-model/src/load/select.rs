//! Which services take part: by profile, and by name.

use indexmap::{IndexMap, IndexSet};

use super::problem;
use crate::error::LoadError;
use crate::project::Project;

/// Sets the services aside that no active profile has. Asking for a service by
/// name activates its profiles.
pub(crate) fn by_profile(
    project: &mut Project,
    mut active: Vec<String>,
    names: &[String],
) -> Result<(), LoadError> {
    let mut found = Ok(());
    for name in names {
        match project.services.get(name) {
            Some(service) if service.is_enabled(&active) => {}
            Some(service) => active.extend(service.profiles.iter().cloned()),
            None => found = found.and_then(|()| Err(unknown(project, name))),
        }
    }
    let all = std::mem::take(&mut project.services);
    (project.services, project.disabled) =
        if all.values().all(|service| service.is_enabled(&active)) {
            (all, IndexMap::new())
        } else {
            all.into_iter().partition(|(_, service)| service.is_enabled(&active))
        };
    found
}

/// Sets the services aside that were not asked for and that nothing of what was
/// asked for depends on.
pub(crate) fn by_name(project: &mut Project, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let selected = with_dependencies(project, names);
    let all = std::mem::take(&mut project.services);
    let (kept, dropped): (IndexMap<_, _>, IndexMap<_, _>) =
        all.into_iter().partition(|(name, _)| selected.contains(name));
    project.services = kept;
    project.disabled.extend(dropped);
    for service in project.services.values_mut() {
        service.depends_on.retain(|name, _| selected.contains(name));
    }
}

fn unknown(project: &Project, name: &str) -> LoadError {
    let known = project.services.keys().map(String::as_str);
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
