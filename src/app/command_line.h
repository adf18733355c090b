// The command line: which commands there are, what each takes, and what a wrong one is told.
//
// Thread rule: the main thread. Ownership: a CommandLine owns its commands, a command its options and the commands
// below it. What options write into, and what commands run, is the caller's and outlives CommandLine::run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace sluice::app {

// What is wrong with a text, as a sentence that goes on behind the option's name; empty: nothing.
using Mistake = std::function<std::string(const std::string& text)>;

// An option of a command: a name for it, for as long as the command lives. What is said of it is told by --help, and
// command lines that do not keep to it are refused.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  Option required() const;
  // It is never alone: the other one is there too.
  Option needs(Option other) const;
  // Where the command line does not have it, the environment's variable is taken.
  Option env(const std::string& variable) const;
  Option one_of(const std::vector<std::string>& words) const;
  // Both ends included.
  Option within(std::int64_t least, std::int64_t most) const;
  Option within(int least, int most) const { return within(std::int64_t{least}, std::int64_t{most}); }
  Option within(double least, double most) const;
  Option check(const Mistake& mistake) const;

 private:
  CLI::Option* option_;
};

class Command {
 public:
  // For CommandLine and Command alone.
  Command(CLI::App& app, int& code) : app_(app), code_(code) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  // A command below this one.
  Command& command(const std::string& name, const std::string& about);
  // One that does nothing itself: a command below it has to be named.
  Command& group(const std::string& name, const std::string& about);

  // A name without dashes is an argument that has its place. What the command line does not have is left as it is; a
  // list takes all that follow and all repetitions.
  Option option(const std::string& name, std::string& into, const std::string& about);
  Option option(const std::string& name, std::vector<std::string>& into, const std::string& about);
  Option option(const std::string& name, int& into, const std::string& about);
  Option option(const std::string& name, std::uint32_t& into, const std::string& about);
  Option option(const std::string& name, std::size_t& into, const std::string& about);
  Option option(const std::string& name, double& into, const std::string& about);
  // `take` keeps what it reads in the text.
  Option option(const std::string& name, const Mistake& take, const std::string& about);
  void flag(const std::string& name, bool& into, const std::string& about);
  // What --help says behind all else.
  void footer(const std::string& text);

  // What it does where the command line names it and nothing is wrong; returns the exit code.
  void runs(const std::function<int()>& act);

 private:
  CLI::App& app_;
  int& code_;
  std::list<Command> commands_;
};

class CommandLine {
 public:
  // The program, what it is, and what --version prints.
  CommandLine(const std::string& name, const std::string& about, const std::string& version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // What commands are added to; one of them has to be named.
  Command& commands() { return commands_; }

  // Runs the command that is named and returns its exit code; 0 for --help and --version; 2, and standard error says
  // why, where the command line is wrong. May be called once.
  int run(int argc, const char* const* argv);

 private:
  std::unique_ptr<CLI::App> app_;
  int code_ = 0;
  Command commands_;
};

}  // namespace sluice::app
