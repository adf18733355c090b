// What all commands that talk to a running gateway have in common: where it is, the key, and how answers are printed.
//
// Thread rule: the main thread.
#pragma once

#include <boost/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "app/command_line.h"
#include "app/remote/remote.h"
#include "base/clock.h"

namespace sluice::app {

inline constexpr Ms kRemoteLimit{10'000};

struct RemoteOptions {
  std::string gateway = "http://127.0.0.1:8080";
  std::string key;
  bool json = false;
};

void add_options(Command& command, RemoteOptions& options);

// Tells why on standard error; returns the code.
int failed(std::string_view why, int code);
// With 2 for what the command line says wrongly, else 1.
int failed(const Fault& fault);

// One question to the administrator's API, and the body of its success. Faults: what is wrong with the options
// (kInvalidConfig), what the gateway says, those of ask().
Result<std::string> answer_of(const RemoteOptions& options, std::string method, std::string path, std::string body);
// The same; `done` prints the answer of a success, as it came where JSON is wanted.
// Returns what the command ends with.
int ask_gateway(const RemoteOptions& options, std::string method, std::string path, std::string body,
                int (*done)(std::string_view answer));

// A JSON object, one member a line; what is empty is left out.
int print_one(std::string_view answer);
void print_table(std::span<const std::string_view> columns, const boost::json::array& rows);

}  // namespace sluice::app
