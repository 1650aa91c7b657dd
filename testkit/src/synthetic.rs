//! Compose files of any size that look like ones people write.
//!
//! A benchmark on one service repeated says little: so services differ in what
//! they set and in how they write it, short and long, as maps and as lists.
//! Every choice follows from the service's index, so a size always gives the
//! same text.

use std::fmt::Write;

const WRITES: &str = "writing to a string cannot fail";

/// A project of this many services, about 560 bytes each. It loads without a
/// diagnostic, files or variables.
pub fn compose(services: usize) -> String {
    let mut text = String::with_capacity(1024 + services * 600);
    text.push_str(HEAD);
    for index in 0..services {
        Service(index).write(&mut text);
    }
    text.push_str(FOOT);
    volumes(&mut text, services);
    text
}

const HEAD: &str = r#"# Shared by every service.
name: shop

x-logging: &logging
  driver: json-file
  options:
    max-size: 10m
    max-file: "3"

x-defaults: &defaults
  restart: unless-stopped
  init: true
  logging: *logging

x-environment: &environment
  TZ: ${TZ:-UTC}
  LANG: C.UTF-8

services:
"#;

const FOOT: &str = r#"networks:
  front:
  back:
    driver: bridge

secrets:
  signing-key:
    external: true
  db-password:
    external: true

configs:
  flags:
    content: |
      checkout=on
      search=${SEARCH:-off}

volumes:
  cache:
"#;

/// Stateful services have a volume each, which the project declares.
fn volumes(text: &mut String, services: usize) {
    for service in (0..services).map(Service).filter(Service::is_stateful) {
        writeln!(text, "  {}-data:", service.name()).expect(WRITES);
    }
}

const ROLES: [(&str, &str); 8] = [
    ("web", "shop/web:${TAG:-1.8.2}"),
    ("api", "shop/api:${TAG:-2.31.0}"),
    ("worker", "shop/worker:${TAG:-2.31.0}"),
    ("db", "postgres:${POSTGRES_VERSION:-16.4}-alpine"),
    ("cache", "redis:7.2-alpine"),
    ("search", "ghcr.io/shop/search:0.14"),
    ("mailer", "shop/mailer:0.9"),
    ("cron", "shop/cron:${TAG:-2.31.0}"),
];

/// More than any service takes, so that neighbours take different ones.
const VARIABLES: [(&str, &str); 19] = [
    ("LOG_LEVEL", "${LOG_LEVEL:-info}"),
    ("PORT", "8080"),
    ("DATABASE", "postgres://app@db/shop"),
    ("REDIS", "redis://cache/0"),
    ("POOL_SIZE", "12"),
    ("TRACING", "\"on\""),
    ("REGION", "${REGION:-eu-west-1}"),
    ("QUEUE", "orders"),
    ("TIMEOUT_MS", "2500"),
    ("RETRIES", "3"),
    ("FEATURE_CART", "\"true\""),
    ("PUBLIC_URL", "https://${DOMAIN:-example.com}/"),
    ("METRICS", "0.0.0.0:9090"),
    ("GREETING", "'Hello, world'"),
    ("STAGE", "${STAGE:-production}"),
    ("WORKERS", "4"),
    ("CURRENCY", "EUR"),
    ("SENDER", "shop@example.com"),
    ("PRICE_FORMAT", "$$0.00"),
];

const CACHE: &str = "    volumes:
      - type: volume
        source: cache
        target: /cache
        read_only: true
";

const HEALTHCHECK: &str = "    healthcheck:
      test: [\"CMD\", \"/healthy\"]
      interval: 10s
      timeout: 2s
      retries: 5
";

const SHORT_HEALTHCHECK: &str = "    healthcheck:
      test: curl -f localhost:8080/
      start_period: 1m30s
";

const DEPLOY: &str = "    deploy:
      replicas: 2
      resources:
        limits:
          cpus: \"0.50\"
          memory: 512M
";

/// One service, by its position in the file.
struct Service(usize);

impl Service {
    fn write(&self, text: &mut String) {
        self.identity(text);
        self.environment(text);
        self.ports(text);
        self.labels(text);
        self.mounts(text);
        self.healthcheck(text);
        self.depends_on(text);
        self.networks(text);
        self.deploy(text);
        self.grants(text);
        text.push('\n');
    }

    fn role(&self) -> usize {
        self.0 % ROLES.len()
    }

    fn name(&self) -> String {
        format!("{}-{}", ROLES[self.role()].0, self.0)
    }

    fn team(&self) -> usize {
        self.0 / 10
    }

    fn is_stateful(&self) -> bool {
        matches!(ROLES[self.role()].0, "db" | "search")
    }

    fn every(&self, number: usize) -> bool {
        self.0.is_multiple_of(number)
    }

    fn identity(&self, text: &mut String) {
        if self.every(10) {
            writeln!(text, "  # Team {}: ask before changing", self.team()).expect(WRITES);
        }
        let image = ROLES[self.role()].1;
        writeln!(text, "  {}:\n    <<: *defaults\n    image: {image}", self.name()).expect(WRITES);
        if self.every(7) {
            text.push_str("    command: [serve, \"--port=8080\"] # as on staging\n");
        }
    }

    /// Eight to twelve variables: as a map with a merge key, or as a list.
    fn environment(&self, text: &mut String) {
        let as_map = self.every(2);
        text.push_str("    environment:\n");
        text.push_str(if as_map { "      <<: *environment\n" } else { "" });
        for offset in 0..8 + self.0 % 5 {
            let (name, value) = VARIABLES[(self.0 * 7 + offset) % VARIABLES.len()];
            if as_map {
                writeln!(text, "      {name}: {value}").expect(WRITES);
            } else {
                writeln!(text, "      - {name}={}", value.trim_matches(['"', '\''])).expect(WRITES);
            }
        }
    }

    fn ports(&self, text: &mut String) {
        let published = 10_000 + self.0 % 50_000;
        if self.every(5) {
            let ends = format!("target: 8080\n        published: \"{published}\"");
            writeln!(text, "    ports:\n      - {ends}\n        protocol: tcp").expect(WRITES);
        } else if self.every(3) {
            writeln!(text, "    ports:\n      - \"{published}:8080\"").expect(WRITES);
        }
    }

    fn labels(&self, text: &mut String) {
        if self.every(6) {
            let label = format!("com.example.team: team-{}", self.team());
            writeln!(text, "    labels:\n      {label}").expect(WRITES);
        } else if self.every(7) {
            writeln!(text, "    labels:\n      - com.example.index={}", self.0).expect(WRITES);
        }
    }

    fn mounts(&self, text: &mut String) {
        if self.is_stateful() {
            let mount = format!("{}-data:/var/lib/data", self.name());
            writeln!(text, "    volumes:\n      - {mount}").expect(WRITES);
        } else if self.every(9) {
            text.push_str(CACHE);
        }
    }

    fn healthcheck(&self, text: &mut String) {
        if self.every(4) {
            text.push_str(HEALTHCHECK);
        } else if self.every(3) {
            text.push_str(SHORT_HEALTHCHECK);
        }
    }

    /// On the team's previous service, or on another team's: chains long enough
    /// to be worth following, and never as long as the file.
    fn depends_on(&self, text: &mut String) {
        if self.0 == 0 {
            return;
        }
        let earlier = Self(if self.every(10) { self.team() } else { self.0 - 1 }).name();
        if self.every(4) {
            let condition = "condition: service_started";
            writeln!(text, "    depends_on:\n      {earlier}:\n        {condition}").expect(WRITES);
        } else {
            writeln!(text, "    depends_on: [{earlier}]").expect(WRITES);
        }
    }

    fn networks(&self, text: &mut String) {
        text.push_str(match self.0 % 3 {
            0 => "    networks: [front, back]\n",
            1 => "    networks:\n      - back\n",
            _ => "",
        });
    }

    fn deploy(&self, text: &mut String) {
        if self.every(8) {
            text.push_str(DEPLOY);
        }
    }

    fn grants(&self, text: &mut String) {
        if self.every(11) {
            text.push_str("    secrets:\n      - signing-key\n");
        }
        if self.every(13) {
            text.push_str("    configs:\n      - source: flags\n        target: /etc/flags\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_always_gives_the_same_text() {
        assert_eq!(compose(250), compose(250));
    }

    #[test]
    fn size_is_linear() {
        for services in [100, 1_000, 10_000] {
            let each = compose(services).len() / services;
            assert!((530..=600).contains(&each), "{each} bytes a service of {services}");
        }
    }

    #[test]
    fn services_depend_on_earlier_ones() {
        let text = compose(40);
        let position = |needle: &str| text.find(needle).expect("the service is in the file");
        assert!(position("\n  db-3:") < position("depends_on: [db-3]"));
        assert!(position("\n  db-11:") < position("depends_on:\n      db-11:"));
    }
}
