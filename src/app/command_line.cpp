#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>

#include "base/text.h"

namespace sluice::app {

namespace {

constexpr int kDone = 0;
constexpr int kUsage = 2;

// The command that was reached last.
const CLI::App& reached(const CLI::App& from) {
  const auto parsed = from.get_subcommands();
  return parsed.empty() ? from : reached(*parsed.front());
}

// "; did you mean 'serve'?" where a command, or a flag, is near the word.
std::string hint(const CLI::App& command, const std::string& word) {
  std::vector<std::string> names;
  if (word.starts_with('-')) {
    for (const auto* option : command.get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const auto* one : command.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(one->get_name());
    }
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto near = nearest(std::string_view(word).substr(0, 60), candidates);
  return near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
}

// What is wrong with a command line. A word that is no command leaves none, which CLI11 tells without the word.
std::string told_of(const CLI::App* app, const CLI::Error& error) {
  const auto unknown = app->remaining(true);
  const CLI::App& command = reached(*app);
  const bool lacks_command = command.get_require_subcommand_min() > 0;
  std::string told = error.what();
  if (!unknown.empty() && lacks_command) {
    told = fmt::format("The following argument was not expected: {}{}", printable(unknown.front(), 60),
                       hint(command, unknown.front()));
  }
  return told + "\nRun with --help for more information.\n";
}

}  // namespace

// ---- options

Option Option::required() const {
  option_->required();
  return *this;
}

Option Option::needs(Option other) const {
  option_->needs(other.option_);
  return *this;
}

Option Option::env(const std::string& variable) const {
  option_->envname(variable);
  return *this;
}

Option Option::one_of(const std::vector<std::string>& words) const {
  option_->check(CLI::IsMember(words));
  return *this;
}

Option Option::within(std::int64_t least, std::int64_t most) const {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option Option::within(double least, double most) const {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option Option::check(const Mistake& mistake) const {
  option_->check(mistake);
  return *this;
}

// ---- commands

Command& Command::command(const std::string& name, const std::string& about) {
  return commands_.emplace_back(*app_.add_subcommand(name, about), code_);
}

Command& Command::group(const std::string& name, const std::string& about) {
  auto& group = command(name, about);
  group.app_.require_subcommand(1);
  return group;
}

Option Command::option(const std::string& name, std::string& into, const std::string& about) {
  return Option(*app_.add_option(name, into, about));
}

Option Command::option(const std::string& name, std::vector<std::string>& into, const std::string& about) {
  return Option(*app_.add_option(name, into, about));
}

Option Command::option(const std::string& name, int& into, const std::string& about) {
  return Option(*app_.add_option(name, into, about));
}

Option Command::option(const std::string& name, std::uint32_t& into, const std::string& about) {
  return Option(*app_.add_option(name, into, about));
}

Option Command::option(const std::string& name, std::size_t& into, const std::string& about) {
  return Option(*app_.add_option(name, into, about));
}

Option Command::option(const std::string& name, double& into, const std::string& about) {
  return Option(*app_.add_option(name, into, about));
}

Option Command::option(const std::string& name, const Mistake& take, const std::string& about) {
  return Option(*app_.add_option_function<std::string>(
      name,
      [name, take](const std::string& text) {
        if (auto mistake = take(text); !mistake.empty()) throw CLI::ValidationError(name, mistake);
      },
      about));
}

void Command::flag(const std::string& name, bool& into, const std::string& about) {
  app_.add_flag(name, into, about);
}

void Command::footer(const std::string& text) {
  app_.footer(text);
}

void Command::runs(const std::function<int()>& act) {
  app_.callback([act, &code = code_] { code = act(); });
}

// ---- the whole

CommandLine::CommandLine(const std::string& name, const std::string& about, const std::string& version)
    : app_(std::make_unique<CLI::App>(about, name)), commands_(*app_, code_) {
  app_->set_version_flag("--version", version);
  app_->require_subcommand(1);
  app_->failure_message(told_of);
}

CommandLine::~CommandLine() = default;

int CommandLine::run(int argc, const char* const* argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app_->exit(error) == 0 ? kDone : kUsage;
  }
  return code_;
}

}  // namespace sluice::app
