//! Relative paths to absolute ones, in every key that holds a path.

use super::source;
use crate::diagnostic::Diagnostic;
use crate::tree::{Kind, Map, Node, Text};
use crate::value::{is_windows_absolute, join_path};

/// Resolves the paths of a model against a folder, and `~` against the home.
pub(crate) fn resolve(
    model: &mut Node,
    base: &str,
    home: Option<&str>,
    problems: &mut Vec<Diagnostic>,
) {
    let mut resolver = Resolver { base, home, problems };
    for (kind, resources) in model.as_map_mut().into_iter().flatten() {
        for node in resources.as_map_mut().into_iter().flat_map(Map::values_mut) {
            match kind.as_str() {
                "services" => resolver.service(node),
                "configs" | "secrets" => resolver.unix_path(node.get_mut("file")),
                "volumes" => resolver.local_volume(node),
                _ => {}
            }
        }
    }
}

struct Resolver<'r> {
    base: &'r str,
    home: Option<&'r str>,
    problems: &'r mut Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn service(&mut self, service: &mut Node) {
        let Some(service) = service.as_map_mut() else { return };
        for (key, node) in service.iter_mut() {
            match key.as_str() {
                "build" => self.build(node),
                "env_file" => each_item(node, |file| self.path(file.get_mut("path"))),
                "label_file" => each_item(node, |file| self.path(Some(file))),
                "extends" => self.path(node.get_mut("file")),
                "develop" => {
                    if let Some(watch) = node.get_mut("watch") {
                        each_item(watch, |trigger| self.watched(trigger.get_mut("path")));
                    }
                }
                "volumes" => each_item(node, |mount| self.mount(mount)),
                _ => {}
            }
        }
    }

    fn build(&mut self, build: &mut Node) {
        self.context(build.get_mut("context"));
        for context in values(build.get_mut("additional_contexts")) {
            self.context(Some(context));
        }
        for key in values(build.get_mut("ssh")) {
            self.unix_path(Some(key));
        }
    }

    fn context(&self, node: Option<&mut Node>) {
        let remote = ["https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:"];
        let local = |text: &str| {
            !text.contains("://") && !remote.iter().any(|prefix| text.starts_with(prefix))
        };
        self.rewrite(node, |text| local(text).then(|| self.absolute(text)));
    }

    fn path(&self, node: Option<&mut Node>) {
        self.rewrite(node, |text| Some(self.absolute(text)));
    }

    /// A path that may also be one of Windows.
    fn unix_path(&self, node: Option<&mut Node>) {
        self.rewrite(node, |text| {
            let text = self.expand(text);
            let relative = !text.starts_with('/') && !is_windows_absolute(&text);
            Some(if relative { join_path(self.base, &text) } else { text })
        });
    }

    fn watched(&self, node: Option<&mut Node>) {
        self.rewrite(node, |text| {
            let path = self.absolute(text);
            Some(match source::first_link(&path) {
                Some((link, target)) => path.replacen(&link, &target, 1),
                None => path,
            })
        });
    }

    fn mount(&mut self, mount: &mut Node) {
        if mount.get("type").and_then(Node::as_str) != Some("bind") {
            return;
        }
        if mount.get("source").is_none() {
            self.problems.push(
                Diagnostic::error("compose::missing-key", "a bind mount needs the key `source`")
                    .at(mount.span, "")
                    .help("add `source: ./path`"),
            );
        }
        self.unix_path(mount.get_mut("source"));
    }

    /// A volume of the `local` driver may be a bind mount in disguise.
    fn local_volume(&mut self, volume: &mut Node) {
        let is =
            |node: &Node, key: &str, text: &str| node.get(key).and_then(Node::as_str) == Some(text);
        if !is(volume, "driver", "local") {
            return;
        }
        if let Some(options) = volume.get_mut("driver_opts").filter(|node| is(node, "o", "bind")) {
            self.unix_path(options.get_mut("device"));
        }
    }

    fn rewrite(&self, node: Option<&mut Node>, to: impl FnOnce(&str) -> Option<String>) {
        if let Some(node) = node
            && let Some(text) = node.as_str().and_then(to)
        {
            node.kind = Kind::String(Text::from(text));
        }
    }

    fn absolute(&self, text: &str) -> String {
        let text = self.expand(text);
        if text.is_empty() || text.starts_with('/') { text } else { join_path(self.base, &text) }
    }

    fn expand(&self, text: &str) -> String {
        match (text.strip_prefix('~'), self.home) {
            (Some(rest), Some(home)) => join_path(home, rest.trim_start_matches('/')),
            _ => text.to_owned(),
        }
    }
}

fn each_item(list: &mut Node, mut visit: impl FnMut(&mut Node)) {
    for item in list.as_list_mut().into_iter().flatten() {
        visit(item);
    }
}

fn values(map: Option<&mut Node>) -> impl Iterator<Item = &mut Node> {
    map.and_then(Node::as_map_mut).into_iter().flat_map(Map::values_mut)
}
