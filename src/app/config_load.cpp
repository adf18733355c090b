#include <algorithm>

#include "app/config.h"
#include "app/config_check.h"
#include "app/config_parts.h"
#include "app/config_reader.h"
#include "app/config_schema.h"
#include "app/text_file.h"
#include "base/text.h"
#include "exchange/caller.h"

namespace sluice::app {

namespace {

Loaded failed(const std::string& file, std::string message) {
  Loaded loaded;
  loaded.problems.push_back({.file = file, .line = 0, .field = "", .message = std::move(message)});
  return loaded;
}

// A file that is being written, or was cut to nothing, would take everything away.
bool holds_nothing(const Node* root) {
  return root == nullptr || root->kind == Node::Kind::kNull;
}

void note_secrets(const Node& node, const std::string& holder, Config& config) {
  for (auto& secret : secrets_in(node.text)) config.secret_holders.emplace(std::move(secret), holder);
  for (const auto* item : node.items) note_secrets(*item, holder, config);
  for (const auto& entry : node.entries) note_secrets(*entry.value, holder, config);
}

// Whoever may change one of these changes who the callers are. All that is said of a key counts: its role is one too.
void note_holders(const Node& root, Config& config) {
  if (config.secrets.empty()) return;
  if (const auto* master = root.find("master_key")) note_secrets(*master->value, std::string(kMasterName), config);
  const auto* keys = root.find("keys");
  if (!keys || keys->value->items.size() != config.keys.size()) return;  // that is a problem of the file
  for (std::size_t i = 0; i < config.keys.size(); ++i)
    note_secrets(*keys->value->items[i], config.keys[i].name, config);
}

}  // namespace

Loaded load_config(const std::string& file, const Environment& environment, const SecretSource& secrets) {
  auto text = read_text_file(file);
  return text ? parse_config(*text, file, environment, secrets) : failed(file, std::move(text.error()));
}

Loaded parse_config(std::string_view yaml, const std::string& file, const Environment& environment,
                    const SecretSource& secrets) {
  if (yaml.size() > kLargestTextFile) return failed(file, "is larger than " + format_size(kLargestTextFile));
  Loaded loaded;
  loaded.config.file = file;
  Problems problems(file);
  const SecretSource noting = [&](const std::string& name) {
    loaded.config.secrets.push_back(name);
    return secrets ? secrets(name) : std::nullopt;
  };
  Reader reader(environment, noting, loaded.files, problems);
  const Tree tree =
      read_tree(yaml, [&](const TopItem& item) { reader.read_early(config_section(), item, &loaded.config); });
  if (tree.broken) problems = Problems(file);
  for (const auto& mistake : tree.mistakes) problems.add(mistake.field, mistake.line, mistake.message);
  if (!tree.broken && holds_nothing(tree.root)) {
    problems.add(Place{.line = 1},
                 "the file holds nothing; write what providers and models there are, as sluice init does, or {} where "
                 "every default is meant");
  } else if (!tree.broken) {
    const Node* root = tree.root;
    if (root != nullptr) reader.read(config_section(), *root, &loaded.config);
    check_config(loaded.config, root, environment, problems);
    if (root != nullptr) note_holders(*root, loaded.config);
    loaded.config.parts = parts_of(root, reader.resolved());
  }
  loaded.problems = problems.take();
  return loaded;
}

Config config_from_environment(const Environment& environment) {
  Config config;
  add_providers_of(environment, config);
  // An application that names models as its provider does needs no change: bare names go to OpenAI, or to the only one.
  bool has_openai =
      std::ranges::any_of(config.providers, [](const auto& provider) { return provider.name == "openai"; });
  if (!has_openai && config.providers.size() != 1) return config;
  ModelConfig any;
  any.name = "*";
  any.deployments.push_back({.model = (has_openai ? "openai" : config.providers.front().name) + "/*"});
  config.models.push_back(std::move(any));
  return config;
}

}  // namespace sluice::app
