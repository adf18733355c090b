#include "app/rehearsal.h"

#include <fmt/format.h>

#include "app/alerts.h"
#include "app/allowance.h"
#include "app/callers.h"
#include "app/config_problems.h"
#include "app/prices.h"
#include "app/rehearsal_parts.h"
#include "app/stored_secrets.h"
#include "app/text_file.h"
#include "http/url.h"

namespace sluice::app {

namespace {

constexpr Place kTls{.name = "tls"};
constexpr Place kAlerts{.name = "alerts"};
constexpr Place kProviders{.name = "providers"};

// What is told of a configuration whose file was read before.
class Told {
 public:
  explicit Told(const std::string& file) : file_(file), problems_(file) {}

  void add(const Fault& fault) { problems_.add("", 0, text_of(fault)); }
  // The file is read once more for the line, and only then.
  void add(const Place& place, const Fault& fault) {
    if (!tree_.root) {
      if (auto text = read_text_file(file_)) tree_ = read_tree(*text);
      problems_.look_in(tree_.root);
    }
    problems_.add(place, text_of(fault));
  }
  std::vector<Problem> take() { return problems_.take(); }

 private:
  static std::string text_of(const Fault& fault) {
    const bool said = fault.told.contains(fault.detail);  // also where there is none
    return said ? fault.told : fmt::format("{} ({})", fault.told, fault.detail);
  }

  const std::string& file_;
  Problems problems_;
  Tree tree_;
};

// Files of authorities that cannot be used, each told of its own field and taken out: there may be more.
void check_authorities(Config& config, ClientTlsCache& client_tls, Told& told) {
  auto check = [&](std::string& file, const Place& place) {
    if (auto tls = client_tls.get(file); !tls) {
      told.add(place, tls.error());
      file.clear();
    }
  };
  const auto webhook = http::parse_link(config.alerts_webhook.reveal());
  if (webhook && (webhook->tls || !config.alerts_ca_file.empty())) check(config.alerts_ca_file, kAlerts.key("ca_file"));
  for (auto& provider : config.providers) {
    const auto url = http::parse_url(provider.base_url);
    const Place place = kProviders.key(provider.name);
    const bool has_tls = !url || url->tls;
    if (has_tls || !provider.ca_file.empty()) check(provider.ca_file, place.key("ca_file"));
  }
}

void check_certificate(const Config& config, Told& told) {
  if (config.tls_cert.empty()) return;
  auto tls = net::ServerTls::load(config.tls_cert, config.tls_key);
  if (tls) return;
  const bool is_of_key = tls.error().told.contains("'" + config.tls_key + "'");
  told.add(kTls.key(is_of_key ? "key" : "cert"), tls.error());
}

}  // namespace

std::vector<Problem> rehearse(Config config, const Environment& environment) {
  Told told(config.file);
  RehearsalParts parts;
  check_authorities(config, parts.client_tls, told);
  auto allowances = allowances_of(config);
  auto callers = callers_of(config, config.master_key);
  if (auto sealer = secrets_sealer(environment); !sealer) told.add(sealer.error());
  if (auto webhook = webhook_of(config, environment, parts.client_tls); !webhook) told.add(webhook.error());
  if (auto prices = load_catalogue(config.prices_file, *parts.catalogue); !prices) {
    told.add(prices.error());
    config.prices_file.clear();  // there may be more
  }
  auto built = Snapshot::build(config, std::move(allowances), environment, parts.foundation());
  if (!built) told.add(built.error());
  if (auto used = parts.roster.use_file(std::move(callers)); !used) told.add(used.error());
  check_certificate(config, told);
  return told.take();
}

}  // namespace sluice::app
