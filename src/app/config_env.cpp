#include "app/config_env.h"

#include <algorithm>
#include <cstdlib>

namespace sluice::app {

namespace {

bool is_variable_name(std::string_view name) {
  auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  auto letter_or_digit = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name[0]) && std::ranges::all_of(name, letter_or_digit);
}

// Appends what one reference, the text between the braces, stands for; the mistake if there is one.
std::string append_reference(Expanded& result, std::string_view reference, const Environment& environment) {
  auto mark = reference.find(":-");
  std::string name(reference.substr(0, mark));
  // The text itself is not told: a key pasted between the braces would be.
  if (!is_variable_name(name)) return "expected the name of an environment variable between ${ and }";
  auto value = environment(name);
  if (mark != std::string_view::npos && (!value || value->empty())) {
    result.text += reference.substr(mark + 2);
    return {};
  }
  if (!value) return "the environment variable " + name + " is not set";
  result.text += *value;
  result.used.emplace_back(std::move(name), std::move(*value));
  return {};
}

}  // namespace

std::expected<Expanded, std::string> expand(std::string_view text, const Environment& environment) {
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
      auto mistake = append_reference(result, text.substr(1, end - 1), environment);
      if (!mistake.empty()) return std::unexpected(std::move(mistake));
      text.remove_prefix(end + 1);
    } else {
      result.text += '$';
    }
  }
}

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

}  // namespace sluice::app
