#include "app/config_env.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "admin/secrets.h"
#include "app/text_file.h"

namespace sluice::app {

namespace {

bool is_variable_name(std::string_view name) {
  auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  auto letter_or_digit = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name[0]) && std::ranges::all_of(name, letter_or_digit);
}

constexpr std::string_view kFile = "file:", kSecret = "secret:";
constexpr std::size_t kLargestSecretFile = 64 << 10;

using Replaced = std::expected<std::optional<std::string>, std::string>;  // nothing: there is none; or the mistake

Replaced text_of_file(const std::string& path) {
  auto text = read_text_file(path);
  if (!text) return std::unexpected(fmt::format("the file '{}' {}", path, text.error()));
  if (text->size() > kLargestSecretFile) {
    return std::unexpected(fmt::format("the file '{}' holds more than {} bytes", path, kLargestSecretFile));
  }
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  return std::move(*text);
}

Replaced text_of_secret(const std::string& name, const SecretSource& secrets) {
  if (!admin::is_secret_name(name)) {
    return std::unexpected("expected the name of a secret, letters, digits and . _ -, between ${secret: and }");
  }
  auto found = secrets(name);
  if (!found) return std::unexpected(std::move(found.error()));
  return *found ? std::optional(std::string((*found)->reveal())) : std::nullopt;
}

// What stands for a name. The text between the braces is not told where it is no name: it may be a key, pasted there.
Replaced look_up(const std::string& name, const Environment& environment, const SecretSource& secrets) {
  if (name.starts_with(kFile)) return text_of_file(name.substr(kFile.size()));
  if (name.starts_with(kSecret)) return text_of_secret(name.substr(kSecret.size()), secrets);
  if (!is_variable_name(name)) return std::unexpected("expected the name of an environment variable between ${ and }");
  return environment(name);
}

std::string missing(std::string_view name) {
  if (!name.starts_with(kSecret)) return fmt::format("the environment variable {} is not set", name);
  return fmt::format("there is no secret '{0}'; put it into the store with: sluice secrets set {0}",
                     name.substr(kSecret.size()));
}

// Its end would be taken for the outer one's.
bool holds_reference(std::string_view text) {
  for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 1)) {
    if (at == 0 || text[at - 1] != '$') return true;
  }
  return false;
}

// Appends what one reference, the text between the braces, stands for; the mistake if there is one.
std::string append_reference(Expanded& result, std::string_view reference, const Environment& environment,
                             const SecretSource& secrets) {
  auto mark = reference.find(":-");
  if (mark != std::string_view::npos && holds_reference(reference.substr(mark + 2))) {
    return "references cannot be nested: the default between :- and } is taken as it stands";
  }
  std::string name(reference.substr(0, mark));
  auto found = look_up(name, environment, secrets);
  if (!found) return std::move(found.error());
  auto& value = *found;
  if (mark != std::string_view::npos && (!value || value->empty())) {
    result.text += reference.substr(mark + 2);
    return {};
  }
  if (!value) return missing(name);
  result.text += *value;
  result.used.emplace_back(std::move(name), std::move(*value));
  return {};
}

std::vector<std::string> references_in(std::string_view text, std::string_view kind) {
  std::vector<std::string> names;
  while (true) {
    const auto dollar = text.find('$');
    if (dollar == std::string_view::npos) return names;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      text.remove_prefix(1);
    } else if (text.starts_with('{')) {
      const auto reference = text.substr(1, text.substr(1).find('}'));
      const auto name = reference.substr(0, reference.find(":-"));
      if (name.starts_with(kind)) names.emplace_back(name.substr(kind.size()));
    }
  }
}

}  // namespace

std::expected<Expanded, std::string> expand(std::string_view text, const Environment& environment,
                                            const SecretSource& secrets) {
  Expanded result;
  while (true) {
    auto dollar = text.find('$');
    result.text += text.substr(0, dollar);
    if (dollar == std::string_view::npos) return result;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      result.text += '$';
      text.remove_prefix(1);
    } else if (text.starts_with('{')) {
      auto end = text.find('}');
      if (end == std::string_view::npos) return std::unexpected("${ without its }; write $$ for a dollar");
      auto mistake = append_reference(result, text.substr(1, end - 1), environment, secrets);
      if (!mistake.empty()) return std::unexpected(std::move(mistake));
      text.remove_prefix(end + 1);
    } else {
      result.text += '$';
    }
  }
}

std::vector<std::string> files_in(std::string_view text) {
  return references_in(text, kFile);
}

std::vector<std::string> secrets_in(std::string_view text) {
  return references_in(text, kSecret);
}

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

}  // namespace sluice::app
