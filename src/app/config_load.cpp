#include <algorithm>

#include "app/config.h"
#include "app/config_check.h"
#include "app/config_parts.h"
#include "app/config_reader.h"
#include "app/config_schema.h"
#include "app/text_file.h"
#include "base/text.h"

namespace sluice::app {

namespace {

Loaded failed(const std::string& file, std::string message) {
  Loaded loaded;
  loaded.problems.push_back({.file = file, .line = 0, .field = "", .message = std::move(message)});
  return loaded;
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
  Tree tree = read_tree(yaml);
  for (const auto& mistake : tree.mistakes) problems.add({mistake.field, mistake.line}, mistake.message);
  if (!tree.broken) {
    const Node* root = tree.root();
    const SecretSource noting = [&](const std::string& name) {
      loaded.config.secrets.push_back(name);
      return secrets ? secrets(name) : std::nullopt;
    };
    if (root != nullptr)
      Reader(environment, noting, problems).read_section(config_section(), *root, &loaded.config, {"", root->line});
    check_config(loaded.config, root, environment, problems);
    loaded.config.parts = parts_of(root);
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
