//! What was lost of a project because it was wrong. What it lacks from then on
//! is no fault of its author, and is not told.

use indexmap::IndexSet;

use crate::tree::Trail;

/// The parts of a project of which something was lost.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    /// Such as the service `web`: a section and a name.
    resources: IndexSet<(String, String)>,
    /// Such as `services`: there may be more in it than is known.
    sections: IndexSet<String>,
    /// What a merge key brings was lost: every resource may lack it.
    shared: bool,
    /// A whole file was lost: there may be more in every section.
    everywhere: bool,
}

impl Damage {
    /// Something was lost at a place.
    pub(crate) fn at(&mut self, at: &Trail<'_>) {
        match at.outermost() {
            (Some(section), Some(name)) => self.resource(section, name),
            (Some(section), None) => self.section(section),
            (None, _) => {}
        }
    }

    pub(crate) fn resource(&mut self, section: &str, name: &str) {
        self.resources.insert((section.to_owned(), name.to_owned()));
    }

    pub(crate) fn section(&mut self, section: &str) {
        self.sections.insert(section.to_owned());
    }

    pub(crate) fn shared(&mut self) {
        self.shared = true;
    }

    pub(crate) fn everywhere(&mut self) {
        self.everywhere = true;
    }

    pub(crate) fn has_resource(&self, section: &str, name: &str) -> bool {
        self.shared || self.resources.contains(&(section.to_owned(), name.to_owned()))
    }

    pub(crate) fn has_section(&self, section: &str) -> bool {
        self.everywhere || self.sections.contains(section)
    }
}
